package event

import (
	"encoding/binary"
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

// unzip decompresses gzip (RFC 1952), of several members too, and stops as soon as there
// is too much. compress/gzip would make the module of the browser 26 kB larger, by all that
// it is linked with.
func unzip(s string) (string, *Error) {
	d := inflater{in: s}
	for more := true; more && !d.bad; more = d.at < len(s) {
		d.member()
	}
	switch {
	case len(d.out) > MaxUnzipped:
		return "", newError(TooLarge, "gzip of more than ", strconv.Itoa(MaxUnzipped), " bytes").hint("send fewer events in one text")
	case d.bad:
		return "", newError(NotJSON, "gzip that is cut off or damaged").hint("look for what shortened or altered it on its way")
	}
	return view(d.out), nil
}

// inflater decompresses DEFLATE (RFC 1951), whose sections the comments name.
type inflater struct {
	in   string
	at   int    // byte of in
	held uint32 // bits of the byte before at that have not been used
	n    uint   // how many
	out  []byte
	bad  bool // cut off, damaged, or too much
}

// member reads a member of gzip: its header, the data, and the checks behind.
func (d *inflater) member() {
	head := d.take(10)
	if !strings.HasPrefix(head, gzipMagic+"\x08") {
		d.bad = true
		return
	}
	flags := head[3]
	if flags&4 != 0 { // extra
		size := d.take(2)
		if d.bad {
			return
		}
		d.take(int(size[0]) | int(size[1])<<8)
	}
	for _, text := range [...]byte{8, 16} { // name, comment
		if flags&text != 0 {
			d.take(strings.IndexByte(d.in[min(d.at, len(d.in)):], 0) + 1)
		}
	}
	if flags&2 != 0 { // check of the header
		d.take(2)
	}
	from := len(d.out)
	for last := false; !last && !d.bad; {
		last = d.bits(1) == 1
		d.block()
	}
	d.n = 0
	if tail := d.take(8); !d.bad {
		content := d.out[from:]
		d.bad = binary.LittleEndian.Uint32([]byte(tail)) != checksum(content) || binary.LittleEndian.Uint32([]byte(tail[4:])) != uint32(len(content))
	}
}

// take returns the next bytes.
func (d *inflater) take(n int) string {
	if n < 1 && n != 0 || d.bad || n > len(d.in)-d.at {
		d.bad = true
		return ""
	}
	d.at += n
	return d.in[d.at-n : d.at]
}

// bits returns the next bits as a number, the first bit its lowest.
func (d *inflater) bits(n uint) int {
	for d.n < n {
		c := d.take(1)
		if d.bad {
			return 0
		}
		d.held |= uint32(c[0]) << d.n
		d.n += 8
	}
	bits := d.held & (1<<n - 1)
	d.held, d.n = d.held>>n, d.n-n
	return int(bits)
}

// emit adds what is decompressed, unless it is too much.
func (d *inflater) emit(s ...byte) {
	d.out = append(d.out, s...)
	d.bad = d.bad || len(d.out) > MaxUnzipped
}

// block reads a block (3.2.3).
func (d *inflater) block() {
	switch d.bits(2) {
	case 0: // not compressed (3.2.4)
		d.held, d.n = 0, 0
		size := d.take(4)
		if d.bad {
			return
		}
		length := binary.LittleEndian.Uint16([]byte(size))
		if d.bad = length != ^binary.LittleEndian.Uint16([]byte(size[2:])); !d.bad {
			d.emit([]byte(d.take(int(length)))...)
		}
	case 1: // by fixed codes (3.2.6)
		lengths := strings.Repeat("\x08", 144) + strings.Repeat("\x09", 112) + strings.Repeat("\x07", 24) + strings.Repeat("\x08", 8)
		d.codes(newHuffman([]byte(lengths)), newHuffman([]byte(strings.Repeat("\x05", 30))))
	case 2: // by codes of its own (3.2.7)
		literals, distances, count := d.bits(5)+257, d.bits(5)+1, d.bits(4)+4
		var order [19]byte
		for i := range count {
			order["\x10\x11\x12\x00\x08\x07\x09\x06\x0a\x05\x0b\x04\x0c\x03\x0d\x02\x0e\x01\x0f"[i]] = byte(d.bits(3))
		}
		code, lengths := newHuffman(order[:]), make([]byte, 0, 320)
		for len(lengths) < literals+distances && !d.bad {
			length, again := byte(0), 0
			switch symbol := d.symbol(code); symbol {
			case 16:
				if again = d.bits(2) + 3; len(lengths) == 0 {
					d.bad = true
					return
				}
				length = lengths[len(lengths)-1]
			case 17:
				again = d.bits(3) + 3
			case 18:
				again = d.bits(7) + 11
			default:
				length, again = byte(symbol), 1
			}
			for range again {
				lengths = append(lengths, length)
			}
		}
		if d.bad = d.bad || len(lengths) != literals+distances; !d.bad {
			d.codes(newHuffman(lengths[:literals]), newHuffman(lengths[literals:]))
		}
	default:
		d.bad = true
	}
}

// The lengths and distances that symbols stand for, and how many bits more they have (3.2.5).
var (
	lengthBase   = [29]uint16{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	distanceBase = [30]uint16{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
)

// codes reads literals, and copies of what came before, up to the end of a block.
func (d *inflater) codes(literals, distances *huffman) {
	for !d.bad {
		symbol := d.symbol(literals)
		if symbol < 256 {
			d.emit(byte(symbol))
			continue
		}
		if symbol == 256 {
			return
		}
		if symbol -= 257; symbol >= len(lengthBase) {
			d.bad = true
			return
		}
		more := uint(max(symbol/4-1, 0))
		if symbol == 28 {
			more = 0
		}
		length := int(lengthBase[symbol]) + d.bits(more)
		symbol = d.symbol(distances)
		if symbol >= len(distanceBase) {
			d.bad = true
			return
		}
		distance := int(distanceBase[symbol]) + d.bits(uint(max(symbol/2-1, 0)))
		if distance > len(d.out) {
			d.bad = true
		}
		for range length {
			if d.bad {
				return
			}
			d.emit(d.out[len(d.out)-distance])
		}
	}
}

// huffman is a code by the lengths of its words (3.2.2).
type huffman struct {
	count   [16]int // words of each length
	symbols []int   // in the order of their words
}

func newHuffman(lengths []byte) *huffman {
	h := &huffman{}
	for length := range 16 {
		for symbol, l := range lengths {
			if int(l) == length && length > 0 {
				h.count[length]++
				h.symbols = append(h.symbols, symbol)
			}
		}
	}
	return h
}

// symbol reads a word, bit by bit.
func (d *inflater) symbol(h *huffman) int {
	code, first, index := 0, 0, 0
	for length := 1; length < len(h.count) && !d.bad; length++ {
		code |= d.bits(1)
		count := h.count[length]
		if code-count < first {
			if i := index + code - first; i >= 0 && i < len(h.symbols) {
				return h.symbols[i]
			}
			break
		}
		index += count
		first = (first + count) << 1
		code <<= 1
	}
	d.bad = true
	return 256
}

// checksum is the CRC-32 of gzip (RFC 1952, section 8).
func checksum(data []byte) uint32 {
	sum := ^uint32(0)
	for _, c := range data {
		sum ^= uint32(c)
		for range 8 {
			sum = sum>>1 ^ 0xedb88320&-(sum&1)
		}
	}
	return ^sum
}
