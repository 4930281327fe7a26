// Command vpnattach checks, builds and explains calls of Alibaba Cloud's
// ModifyVpnAttachmentAttribute on one machine. Run vpnattach --help.
package main

import (
	"os"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"
)

func main() {
	p := program{
		in: os.Stdin, out: os.Stdout, err: os.Stderr, env: os.Getenv,
		colour: colourWanted(os.Stdout, os.Getenv), errColour: colourWanted(os.Stderr, os.Getenv),
		terminal: isatty.IsTerminal(os.Stderr.Fd()),
	}
	if width, _, err := term.GetSize(int(os.Stdout.Fd())); err == nil {
		p.width = width
	}
	os.Exit(p.run(os.Args[1:]))
}
