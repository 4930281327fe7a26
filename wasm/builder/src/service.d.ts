// This file declares what a server that takes events says of itself. The build writes a file without; vpnattach serve answers with its own.

export interface Service {
  emulator: boolean // its VPC API is the emulator
  endpoint: string // of the VPC API, where that is not the emulator
  plan: boolean // it changes nothing
}

export const service: Service | undefined
