/** Plots of what was measured, as SVG: one for a page on white, one for a page on black. */
import { parse, type Spec as VegaSpec, View } from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { Measured } from './results.ts';
import type { Speed } from './sections/peers-speed.ts';
import type { Scale, Series } from './sections/scale.ts';

type Values = readonly Readonly<Record<string, string | number>>[];

interface Theme {
  readonly suffix: string;
  readonly ink: string;
  readonly faint: string;
  readonly paper: string;
  readonly colors: readonly string[];
}

const themes: readonly Theme[] = [
  {
    suffix: '',
    ink: '#1f2328',
    faint: '#d1d9e0',
    paper: '#ffffff',
    colors: ['#0969da', '#bc4c00', '#1a7f37', '#8250df', '#bf3989', '#6e7781', '#9a6700', '#0550ae'],
  },
  {
    suffix: '-dark',
    ink: '#f0f6fc',
    faint: '#3d444d',
    paper: '#0d1117',
    colors: ['#58a6ff', '#f0883e', '#3fb950', '#bc8cff', '#f778ba', '#8b949e', '#d29922', '#79c0ff'],
  },
];

/** Name, without suffix → SVG. */
export async function plots(results: ReadonlyMap<string, Measured>): Promise<ReadonlyMap<string, string>> {
  const all = new Map<string, string>();
  for (const [name, draw] of Object.entries(drawings)) {
    const specOf = draw(results);
    if (specOf === undefined) continue;
    for (const theme of themes) all.set(`${name}${theme.suffix}`, await svg(specOf(theme), theme));
  }
  return all;
}

type Draw = (results: ReadonlyMap<string, Measured>) => ((theme: Theme) => TopLevelSpec) | undefined;

const drawings: Readonly<Record<string, Draw>> = {
  'peers-heartbeat': medians('heartbeat, 64 in flight', 'heartbeats a second, 64 in flight'),
  'peers-list': (results) => {
    const speed = results.get('peers-speed')?.data as Speed | undefined;
    if (speed === undefined) return undefined;
    const values = speed.rows
      .filter(({ name }) => /^unchanged list of [\d,]+$/.test(name))
      .flatMap(({ name, cells }) =>
        Object.entries(cells).flatMap(([system, { perSecond }]) =>
          perSecond === undefined || IN_LIST[system] === undefined
            ? []
            : [
                {
                  size: Number(name.replace(/\D/g, '')),
                  value: 1_000 / perSecond.median,
                  low: 1_000 / perSecond.high,
                  high: 1_000 / perSecond.low,
                  name: IN_LIST[system],
                },
              ],
        ),
      );
    return lines(values, 'backends', 'ms a list that nothing has changed');
  },
  'scale-backends': scaled('backends', /server$/, /µs/, 'backends', 'µs of the server'),
  'scale-lists': scaled('backends', /^list.*client$/, /ms/, 'backends', 'ms a list'),
  'scale-watchers': scaled('watchers', /watcher$/, /ms/, 'proxies that watch', 'ms until the last one is told'),
  'scale-namespaces': scaled(
    'namespaces',
    /busiest/,
    /%/,
    'registries on a Cluster of three masters',
    '% of the work on the busiest',
    { linear: true },
  ),
};

/** What a plot of lists has, and how it is called there: more than these are not to be told apart. */
const IN_LIST: Readonly<Record<string, string>> = {
  'limit: ioredis that keeps a copy': 'limit: PING, a copy',
  'ours: ioredis': 'ours: ioredis',
  'ours: memory': 'ours: memory',
  'naive: SCAN and MGET': 'naive: SCAN and MGET',
  '@hazeljs/discovery': '@hazeljs/discovery',
  etcd: 'etcd',
  ZooKeeper: 'ZooKeeper',
  'NATS JetStream KV': 'NATS JetStream KV',
};

function scaled(
  which: keyof Scale,
  names: RegExp,
  units: RegExp,
  x: string,
  y: string,
  options: LinesOptions = {},
): Draw {
  return (results) => {
    const scale = results.get('scale')?.data as Scale | undefined;
    if (scale === undefined) return undefined;
    const series: readonly Series[] = scale[which].filter(({ name, unit }) => names.test(name) && units.test(unit));
    const values = series.flatMap(({ name, points, slope }) =>
      points.map(({ size, value, low, high }) => ({
        size,
        value,
        low,
        high,
        name: `${name.replace(/: (server|client)$/, '')} (slope ${slope.toFixed(2)})`,
      })),
    );
    return lines(values, x, y, options);
  };
}

const DECADES = Array.from({ length: 12 }, (_, n) => 10 ** (n - 3));
/** Thousands by their letters, and fractions as they are. */
const LABELS = "format(datum.value, datum.value < 1000 ? '~g' : '~s')";

interface LinesOptions {
  /** Both axes by their logarithms, unless the upright one is not. */
  readonly linear?: boolean;
}

function lines(
  values: Values,
  x: string,
  y: string,
  { linear = false }: LinesOptions = {},
): (theme: Theme) => TopLevelSpec {
  const sizes = [...new Set(values.map(({ size }) => Number(size)))];
  const across = {
    field: 'size',
    type: 'quantitative' as const,
    scale: { type: 'log' as const, nice: false },
    axis: { title: x, values: sizes, labelExpr: LABELS },
  };
  const up = (field: string) => ({
    field,
    type: 'quantitative' as const,
    scale: linear ? { domainMin: 0 } : { type: 'log' as const },
    axis: linear ? { title: y, tickCount: 5 } : { title: y, values: DECADES, labelExpr: LABELS },
  });
  const many = new Set(values.map(({ name }) => name)).size > 1;
  const legend = many ? { title: null, labelLimit: 400, columns: 1 } : null;
  return () => ({
    data: { values: [...values] },
    width: 480,
    height: 320,
    encoding: { x: across, color: { field: 'name', type: 'nominal', sort: null, legend } },
    layer: [
      { mark: { type: 'line', point: { size: 36 }, strokeWidth: 2 }, encoding: { y: up('value') } },
      { mark: { type: 'rule', strokeWidth: 1, opacity: 0.6 }, encoding: { y: up('low'), y2: { field: 'high' } } },
    ],
  });
}

/** A dot for the median of each system, and a line from its lowest round to its highest. No bars: on a logarithmic axis, their lengths would say nothing. */
function medians(row: string, title: string): Draw {
  return (results) => {
    const speed = results.get('peers-speed')?.data as Speed | undefined;
    const cells = speed?.rows.find(({ name }) => name === row)?.cells;
    if (speed === undefined || cells === undefined) return undefined;
    const values = speed.systems.flatMap(({ name, kind }) => {
      const perSecond = cells[name]?.perSecond;
      return perSecond === undefined
        ? []
        : [
            {
              name,
              kind: KINDS[kind],
              value: perSecond.median,
              low: perSecond.low,
              high: perSecond.high,
            },
          ];
    });
    return (theme) => ({
      data: { values },
      width: 420,
      height: { step: 22 },
      encoding: {
        y: { field: 'name', type: 'nominal', sort: null, axis: { title: null, labelLimit: 400 } },
      },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 1.5 },
          encoding: { x: { field: 'low', type: 'quantitative' }, x2: { field: 'high' }, color: { value: theme.ink } },
        },
        {
          mark: { type: 'circle', size: 90, opacity: 1 },
          encoding: {
            x: {
              field: 'value',
              type: 'quantitative',
              scale: { type: 'log' },
              axis: { title, values: DECADES, labelExpr: LABELS },
            },
            color: {
              field: 'kind',
              type: 'nominal',
              scale: {
                domain: Object.values(KINDS),
                range: [theme.colors[0], theme.colors[1], theme.colors[5]] as string[],
              },
              legend: { title: null, orient: 'bottom' },
            },
          },
        },
      ],
    });
  };
}

const KINDS = { ours: 'ours', peer: 'peers', limit: 'the limit' } as const;

async function svg(spec: TopLevelSpec, { ink, faint, paper, colors }: Theme): Promise<string> {
  const text = {
    labelColor: ink,
    titleColor: ink,
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal' as const,
  };
  const config = {
    background: paper,
    padding: 12,
    font: 'system-ui, sans-serif',
    view: { stroke: 'transparent' },
    axis: { ...text, gridColor: faint, domainColor: faint, tickColor: faint, labelLimit: 400 },
    legend: { ...text, labelLimit: 280, symbolStrokeWidth: 2 },
    range: { category: [...colors] },
  };
  const compiled = compile({ ...spec, config } as TopLevelSpec).spec as VegaSpec;
  return `${await new View(parse(compiled), { renderer: 'none' }).toSVG()}\n`;
}
