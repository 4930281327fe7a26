// This file knows whether the change is still as a link has brought it: such a one is sent only once somebody has read it.

import { parse } from './document'
import { state } from './state'

let brought: string | undefined

/** The change without its address, which the current configuration fills in by itself. */
function changeNow(): string {
  const { RegionId: _, VpnConnectionId: __, ...rest } = parse(state.change).value ?? {}
  return Object.keys(rest).length > 0 ? JSON.stringify(rest) : state.change
}

/** Notes that the change has come by a link. */
export const noteLink = () => void (brought = changeNow())

export const isFromLink = () => brought !== undefined && brought === changeNow()

/** Somebody has read the change. */
export const confirmLink = () => void (brought = undefined)
