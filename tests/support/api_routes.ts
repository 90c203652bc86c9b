/**
 * The apps themselves, without a listener: which routes they have, whatever their documents say.
 */
import type { OpenAPIHono } from "@hono/zod-openapi";
import { systemClock } from "../../src/adapters/system_clock.ts";
import { createApp } from "../../src/http/central_system/app.ts";
import { type ControlDependencies, createControlApp } from "../../src/http/charge_point/app.ts";
import type { ApiDependencies } from "../../src/http/central_system/app.ts";

/** A route as the document writes it: `get` and `/api/v1/charge-points/{identity}`. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

/** The routes of `serve`. */
export function centralSystemRoutes(): Route[] {
  // Adding routes touches nothing of what they work on.
  return routesOf(createApp({ host: { clock: systemClock } } as unknown as ApiDependencies));
}

/** The routes of `simulate --control-port`. */
export function controlRoutes(): Route[] {
  return routesOf(createControlApp({} as unknown as ControlDependencies));
}

function routesOf(app: OpenAPIHono): Route[] {
  const routes = app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => ({
    method: method.toLowerCase(),
    path: path.replaceAll(/:(\w+)(\{[^}]*\})?/g, "{$1}"),
  }));
  const names = new Set<string>();
  // One route is there once for each of its checks and once for its handler.
  return routes.filter(({ method, path }) => {
    const isNew = !names.has(`${method} ${path}`);
    names.add(`${method} ${path}`);
    return isNew;
  });
}
