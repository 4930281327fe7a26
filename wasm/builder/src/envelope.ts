// This file makes the event that asks for a change: the change within an EventBridge event.

/** The event for the change. An envelope that carried a change before is kept as it was. */
export function eventFor(change: Record<string, unknown>, before: string): string {
  const envelope = reusable(before) ?? {
    version: '0', 'detail-type': 'VPN Attachment Change', source: 'com.example.vpn', detail: {},
  }
  return JSON.stringify({ ...envelope, detail: change }, null, 2)
}

function reusable(text: string): Record<string, unknown> | undefined {
  try {
    const event = JSON.parse(text)
    return event?.['detail-type'] && event.detail?.VpnConnectionId ? event : undefined
  } catch {
    return undefined
  }
}
