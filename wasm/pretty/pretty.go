// Package pretty stands in for github.com/tidwall/pretty in the WebAssembly build.
// gjson needs that package for its modifiers @pretty and @ugly, and to sort keys it brings
// along the half of encoding/json that reads, 28 kB of the compressed module and 220 of
// what a browser compiles; the half that writes is sjson's. The core uses @ugly alone: rule
// files may not name @pretty.
package pretty

// Options are those of the modifier @pretty.
type Options struct {
	Width          int
	Prefix, Indent string
	SortKeys       bool
}

// DefaultOptions are without meaning here.
var DefaultOptions = &Options{}

// Pretty returns the JSON as it is.
func Pretty(json []byte) []byte { return json }

// PrettyOptions returns the JSON as it is.
func PrettyOptions(json []byte, _ *Options) []byte { return json }

// Ugly returns the JSON without the space between its tokens.
func Ugly(json []byte) []byte {
	out := make([]byte, 0, len(json))
	inString := false
	for i := 0; i < len(json); i++ {
		c := json[i]
		switch {
		case inString && c == '\\' && i+1 < len(json):
			out = append(out, c)
			i++
			c = json[i]
		case c == '"':
			inString = !inString
		case !inString && c <= ' ':
			continue
		}
		out = append(out, c)
	}
	return out
}
