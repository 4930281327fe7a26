// Package server is the whole of vpnattach in one process: the emulator of the VPC
// API, the functions ingest, apply and confirm with durable queues between them, and an
// HTTP service for events.
//
//	m, err := server.New(server.Config{State: db, Ledger: store, Credentials: keys, Port: "8080", VPCPort: "8081"})
//	err = m.Run(ctx)
//
// An event is on disk before it is answered. Its changes go through the same
// handlers as in the cloud, so whatever interrupts the process, each accepted event
// ends applied, unchanged or rejected after the next start.
//
// It listens on loopback only and answers no web page of another origin.
package server

import _ "vpnattach/functions/ingest" // its checks can be explained here, too
