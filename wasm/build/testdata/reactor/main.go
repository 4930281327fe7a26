// Program reactor has what a Go program starts with: variables that are computed,
// maps among them, and goroutines.
package main

var squares = func() map[int]int {
	all := map[int]int{}
	for i := range 1000 {
		all[i] = i * i
	}
	return all
}()

var answer = make(chan int)

func init() {
	go func() { answer <- squares[12] }()
	last = <-answer
}

var last int

// Sum returns a square, of what is below 1000, and another.
//
//go:wasmexport sum
func Sum(n int32) int32 { return int32(squares[int(n)] + last) }

func main() {}
