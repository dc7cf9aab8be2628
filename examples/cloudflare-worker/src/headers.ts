/** Which headers are sent on: none that is meant for one connection only (RFC 9110, 7.6.1). */

const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
] as const;
const NAMES = /[\w!#$%&'*+.^`|~-]+/g;

/** Takes out what ends here: these, and whatever `Connection` names. */
export function dropHopByHop(headers: Headers): void {
  const named = headers.get('connection')?.match(NAMES) ?? [];
  for (const name of [...HOP_BY_HOP, ...named]) headers.delete(name);
}

/** The same response where there is nothing to take out, as almost ever. Its body is handed on, not read. */
export function withoutHopByHop(response: Response): Response {
  if (!HOP_BY_HOP.some((name) => response.headers.has(name))) return response;
  const answer = new Response(response.body, response);
  dropHopByHop(answer.headers);
  return answer;
}
