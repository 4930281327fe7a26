//go:build !race

package apply_test

const slowed = 1
