import { systems } from './systems/index.ts';
const only = process.argv[2];
for (const s of systems) {
  if (only && !s.name.includes(only)) continue;
  try {
    const server = await s.start({});
    const o = { space: 'one', leaseMs: 60000 };
    const a = await s.open(server.endpoint, o); const b = await s.open(server.endpoint, o);
    const t = performance.now(); await a.fill(1000); const t1 = performance.now();
    const r: Record<string, unknown> = { fill: t1 - t };
    if (a.list) r.list = await a.list(); { const t = performance.now(); for (let i=0;i<5;i++) await a.list?.(); r.listMs = (performance.now() - t)/5; }
    if (a.register) { await a.register(3); }
    if (a.heartbeat) { await a.heartbeat(3); }
    if (a.heartbeatAll) { await a.heartbeatAll(1000); }
    if (b.watch) { let got: number[] = []; await b.watch({ seen: (n) => got.push(n), gone: () => {} }); await a.change?.(5); await a.change?.(6); await new Promise(r => setTimeout(r, 300)); r.watch = got.join(); }
    const c = await s.open(server.endpoint, { space: 'two', leaseMs: 3000 });
    if (c.announce && !s.cannot.announce) { await c.announce(1); await c.announce(2); const d = await s.open(server.endpoint, { space: 'two', leaseMs: 3000 }); await new Promise(r => setTimeout(r, 2500)); r.live = [...await d.live!()].join(); await d.close(); }
    console.log(s.name, server.version, JSON.stringify(r));
    for (const x of [a, b, c]) await x.close();
    await server[Symbol.asyncDispose]();
  } catch (e) { console.log(s.name, 'FAILED', e); }
}
process.exit(0);
