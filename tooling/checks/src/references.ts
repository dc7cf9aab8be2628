import { parseSync } from 'rolldown/utils';

/** What a built file refers to that it does not define. */
export interface References {
  /** Specifiers of static and dynamic imports and of re-exports; a dynamic import of an expression is left out. */
  readonly imports: string[];
  /** Names of platform globals, as `process`, `Buffer`, or `globalThis.process?.env`. */
  readonly globals: string[];
}

type Node = { readonly type: string; readonly [key: string]: unknown };

const watched = new Set([
  'Buffer',
  'process',
  'require',
  'module',
  '__dirname',
  '__filename',
  'global',
  'setImmediate',
]);

/** Reads the program's syntax, so that words in strings and comments count for nothing. */
export function referencesOf(code: string, filename = 'file.js'): References {
  const { program, errors } = parseSync(filename, code);
  if (errors.length > 0) throw new Error(`${filename} does not parse: ${errors[0]?.message}`);
  const imports = new Set<string>();
  const globals = new Set<string>();

  visit(program as unknown as Node, null);
  return { imports: [...imports], globals: [...globals] };

  function visit(node: Node, parent: Node | null): void {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ExportNamedDeclaration':
      case 'ImportExpression': {
        const source = node.source;
        if (isNode(source) && source.type === 'Literal') imports.add(String(source.value));
        break;
      }
      case 'Identifier':
        if (watched.has(String(node.name)) && isReference(node, parent)) globals.add(String(node.name));
        break;
      case 'MemberExpression': {
        const name = memberName(node);
        const object = node.object;
        if (name !== null && watched.has(name) && isNode(object) && unwrapped(object).name === 'globalThis') {
          const read = parent?.type === 'MemberExpression' && parent.object === node ? memberName(parent) : null;
          globals.add(read === null ? `globalThis.${name}` : `globalThis.${name}.${read}`);
        }
        break;
      }
    }
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, node);
    }
  }
}

function isNode(value: unknown): value is Node {
  return value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string';
}

function unwrapped(node: Node): Node {
  return node.type === 'ParenthesizedExpression' && isNode(node.expression) ? unwrapped(node.expression) : node;
}

function memberName(member: Node): string | null {
  const property = member.property;
  if (!isNode(property)) return null;
  if (!member.computed) return String(property.name);
  return property.type === 'Literal' ? String(property.value) : null;
}

/** An identifier that names a variable, and not a property, a method or an exported name. */
function isReference(node: Node, parent: Node | null): boolean {
  if (parent === null) return true;
  switch (parent.type) {
    case 'MemberExpression':
      return parent.object === node || parent.computed === true;
    case 'Property':
      return parent.value === node || parent.computed === true;
    case 'MethodDefinition':
    case 'PropertyDefinition':
      return parent.value === node || parent.computed === true;
    case 'ImportSpecifier':
    case 'ExportSpecifier':
      return parent.local === node;
    default:
      return true;
  }
}
