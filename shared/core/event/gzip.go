package event

import (
	"compress/gzip"
	"io"
	"strconv"
	"strings"
)

const (
	gzipMagic = "\x1f\x8b"

	// MaxUnzipped is how many bytes gzip in an event may hold.
	MaxUnzipped = 1 << 20
)

// openGzip opens what an event or an envelope carries in gzip: once, so that nothing
// small unfolds into something endless.
func openGzip(s string, from origin, dst []Record) ([]Record, *Error) {
	if from.unzipped {
		return nil, newError(TooDeep, "gzip within gzip").hint("compress it once")
	}
	from.unzipped = true
	text, err := unzip(s)
	if err != nil {
		return nil, err
	}
	return open(text, from, dst)
}

// unzip stops as soon as there is too much.
func unzip(s string) (string, *Error) {
	r, err := gzip.NewReader(strings.NewReader(s))
	var text strings.Builder
	if err == nil {
		_, err = io.Copy(&text, io.LimitReader(r, MaxUnzipped+1))
	}
	switch {
	case err != nil:
		return "", newError(NotJSON, "gzip that is cut off or damaged").hint("look for what shortened or altered it on its way")
	case text.Len() > MaxUnzipped:
		return "", newError(TooLarge, "gzip of more than ", strconv.Itoa(MaxUnzipped), " bytes").hint("send fewer events in one text")
	}
	return text.String(), nil
}
