/** How backends stand in a table. */
import type { Backend, BackendStatus } from '@backend-registry/core';
import { showDuration } from './duration.ts';
import type { Style } from './io.ts';
import { type Column, table } from './table.ts';
import { printable } from './text.ts';

export function paintStatus(text: string, status: BackendStatus, style: Style): string {
  const paint = { healthy: style.green, draining: style.yellow, unhealthy: style.red, expired: style.red }[status];
  return paint(text);
}

export function showMetadata(metadata: Readonly<Record<string, string>>): string {
  return Object.entries(metadata)
    .map(([name, value]) => `${printable(name)}=${printable(value)}`)
    .join(' ');
}

/** A latency in milliseconds, in three figures. */
export function showLatency(ms: number): string {
  if (ms === 0) return '-';
  return ms < 0.001 ? '<0.001ms' : `${Number(ms.toPrecision(3))}ms`;
}

/** Of weight, zone and metadata, those that say something. @param columns of the terminal, where there is one */
export function backendTable(
  backends: readonly Backend[],
  style: Style,
  columns: number | undefined,
  now: number,
): string[] {
  const layout: readonly (Column<Backend> & { when?(backend: Backend): boolean })[] = [
    { title: 'BACKEND', text: ({ id }) => printable(id), least: 16 },
    { title: 'STATUS', text: ({ status }) => status, paint: (text, { status }) => paintStatus(text, status, style) },
    {
      title: 'IN FLIGHT',
      align: 'right',
      text: ({ inFlightRequests }) => String(Number(inFlightRequests.toPrecision(6))),
    },
    { title: 'LATENCY', align: 'right', text: ({ overallAvgLatency }) => showLatency(overallAvgLatency) },
    { title: 'WEIGHT', align: 'right', text: ({ weight }) => String(weight), when: ({ weight }) => weight !== 1 },
    { title: 'ZONE', text: ({ zone }) => printable(zone ?? '-'), least: 4, when: ({ zone }) => zone !== null },
    { title: 'AGE', align: 'right', text: ({ registeredAt }) => showDuration(Math.max(0, now - registeredAt)) },
    {
      title: 'METADATA',
      text: ({ metadata }) => showMetadata(metadata),
      least: 8,
      when: ({ metadata }) => Object.keys(metadata).length > 0,
    },
  ];
  const shown = layout.filter(({ when }) => when === undefined || backends.some(when));
  return table(backends, shown, style, columns);
}
