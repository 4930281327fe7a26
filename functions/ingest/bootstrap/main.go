// Command bootstrap is ingest as a Lambda function.
package main

import (
	"os"

	"vpnattach/functions/ingest"
	"vpnattach/shared/aws"
)

func main() {
	a := aws.Open(os.Getenv, os.Stdout)
	out := newPorts(a)
	fixed, changing := rulesOf(a)
	handler, err := ingest.New(ingest.Config{
		Rules:      fixed,
		RulesNow:   changing,
		Send:       out.send,
		DeadLetter: out.deadLetter,
		FirstSeen:  out.firstSeen,
		Senders:    out.senders,
		Remember:   out.remember,
		Known:      out.known,
		Report:     out.report,
		Sources:    a.List("CHANGE_SOURCES"),
		Redrive:    a.Text("REDRIVE_QUEUE", ""),
		Peer:       a.Peer(),
		MaxBody:    a.Number("MAX_BODY", 256<<10, 1, 6<<20),
		Log:        a.Log,
	})
	a.Check("ingest", err)
	if a.Err() == nil {
		out.checkSenders(a.Log)
	}
	a.Start(handler)
}
