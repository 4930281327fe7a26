// Command generate writes what the npm package and the page take from the project's
// tables, so that they can't tell anything else than the program does:
//
//	go run ./wasm/generate types     the TypeScript types, kept as wasm/npm/src/generated.ts
//	go run ./wasm/generate tables    one JSON document, for the page and the reference
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) == 1 {
		switch args[0] {
		case "types":
			_, err := out.Write(declarations())
			return err
		case "tables":
			d, err := tables()
			if err != nil {
				return err
			}
			return json.NewEncoder(out).Encode(d)
		}
	}
	return fmt.Errorf("the argument must be types or tables, not %q", args)
}
