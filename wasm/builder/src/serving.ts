// This file knows whether a program that takes events serves the page. Elsewhere nothing is sent anywhere.

import type { Service } from './service'

let known: Service | undefined

/** What the server says of itself; undefined where nothing takes events. */
export const service = () => known

/** Reads the page's own file that says so. */
export async function loadService(): Promise<void> {
  known = (await import('./service')).service
}
