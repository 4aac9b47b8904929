// A page or a fragment as an answer.

export function html(element: JSX.Element, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(String(element), { status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers } });
}
