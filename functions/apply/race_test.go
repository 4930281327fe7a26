//go:build race

package apply_test

// slowed is by how much the race detector makes schedules and plays slower.
const slowed = 10
