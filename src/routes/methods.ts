// Tells an address that does not exist from one that exists with another method.

interface Route {
  method: string;
  path: string;
}

/** Methods under which `pathname` has a route, in a fixed order; empty where there is none. */
export function allowedMethods(routes: readonly Route[], pathname: string): string[] {
  const found = new Set<string>();
  for (const { method, path } of routes) {
    if (!matcher(path).test(pathname)) continue;
    if (method === 'WS') found.add('GET');
    else found.add(method);
  }
  if (found.has('GET')) found.add('HEAD');
  return [...found].sort();
}

const matchers = new Map<string, RegExp>();

function matcher(path: string): RegExp {
  const known = matchers.get(path);
  if (known !== undefined) return known;
  const pattern = path
    .split('/')
    .map((part) => (part === '*' ? '.*' : part.startsWith(':') ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('/');
  const made = new RegExp(`^${pattern}/?$`);
  matchers.set(path, made);
  return made;
}
