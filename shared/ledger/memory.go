package ledger

import (
	"context"
	"maps"
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
	entry.Fields = maps.Clone(entry.Fields)
	return entry, nil
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
	m.entries[key] = Entry{Fields: maps.Clone(entry.Fields), Version: entry.Version + 1}
	return nil
}
