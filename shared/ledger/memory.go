package ledger

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Memory is a Store that forgets everything when the process ends. The zero value
// is ready.
type Memory struct {
	mu      sync.Mutex
	entries map[Key]Entry
}

// Load implements [Store]. It never fails.
func (m *Memory) Load(_ context.Context, key Key) (Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	entry := m.entries[key]
	return entry.clone(), nil
}

// Save implements [Store].
func (m *Memory) Save(_ context.Context, key Key, entry Entry) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.entries[key].Version != entry.Version {
		return ErrConflict
	}
	if m.entries == nil {
		m.entries = map[Key]Entry{}
	}
	entry = entry.clone()
	entry.Version++
	m.entries[key] = entry
	return nil
}

func (e Entry) clone() Entry {
	e.Fields, e.Call.Asked, e.Call.Before = maps.Clone(e.Fields), maps.Clone(e.Call.Asked), slices.Clone(e.Call.Before)
	return e
}
