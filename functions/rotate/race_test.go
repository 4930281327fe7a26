//go:build race

package rotate_test

// With the race detector fewer schedules are played: each is the work of one goroutine.
func init() { schedules, every = 100, 11 }
