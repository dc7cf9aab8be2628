/** A line of output without what another run prints otherwise: times, sizes, names of versions, and what is random. */

const RULES: readonly (readonly [RegExp, string])[] = [
  [/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>'],
  [/\d{4}-\d\d-\d\d/g, '<date>'],
  [/doctor-[0-9a-f]{12}/g, 'doctor-<random>'],
  [/(Redis|Valkey) \d+\.\d+\.\d+/g, '<server> <version>'],
  [/up for \d+ (minutes|hours|days)/g, 'up for <time>'],
  [/(uptime_in_seconds|connected_clients):\d+/g, '$1:<number>'],
  [/cmdstat_(\w+):.*/g, 'cmdstat_$1:<numbers>'],
  [/\(integer\) \d+$/, '(integer) <number>'],
  [/"localhost:\d+"/, '"localhost:<port>"'],
  [/ms (behind|ahead of) the one here/, 'ms <to> the one here'],
  [/[\d,]+ (bytes|keys)\b/g, '<number> $1'],
  [/avg_ttl=\d+/g, 'avg_ttl=<number>'],
  [/\b\d+(\.\d+)?(ms| ms|s|m|h|d)\b/g, '<duration>'],
  [/\b\d+(\.\d+)?[KMG]\b/g, '<size>'],
  [/\b\d+ %/g, '<share>'],
  [/\b\d{10,}\b/g, '<number>'],
  // Columns are as wide as what stands in them.
  [/ {2,}/g, '  '],
  [/\s+$/, ''],
];

export function blurred(line: string): string {
  return RULES.reduce((text, [pattern, name]) => text.replace(pattern, name), line);
}
