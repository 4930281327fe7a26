package emulator

import (
	"fmt"
	"strconv"
	"time"
)

// Lag is how long Describe goes on showing an attachment as it was before a change:
// for a time, for a number of DescribeVpnConnection calls of it, or until both are
// over. The zero value means no lag.
type Lag struct {
	Time  time.Duration
	Calls int
}

// ParseLag reads a duration such as 2s, or a number of calls. Empty text means no lag.
func ParseLag(text string) (Lag, error) {
	if text == "" {
		return Lag{}, nil
	}
	if calls, err := strconv.Atoi(text); err == nil && calls >= 0 {
		return Lag{Calls: calls}, nil
	}
	if after, err := time.ParseDuration(text); err == nil && after >= 0 {
		return Lag{Time: after}, nil
	}
	return Lag{}, fmt.Errorf("%q is not a duration, such as 2s, or a number of calls", text)
}

// version is how an attachment was before a change that Describe does not show yet.
type version struct {
	before *connection
	until  time.Time
	calls  int
}

// startLag lets Describe lag behind a change of the attachment.
func (s *Server) startLag(before *connection) {
	if lag := s.config.DescribeLag; lag != (Lag{}) {
		s.lagging[before.ID] = append(s.lagging[before.ID], version{before, s.config.Now().Add(lag.Time), lag.Calls})
	}
}

// visible is the attachment as Describe shows it.
func (s *Server) visible(conn *connection) *connection {
	for _, v := range s.lagging[conn.ID] {
		if v.calls > 0 || s.config.Now().Before(v.until) {
			return v.before
		}
	}
	delete(s.lagging, conn.ID)
	return conn
}

// countDescribe counts a DescribeVpnConnection call of the attachment.
func (s *Server) countDescribe(id string) {
	for i := range s.lagging[id] {
		s.lagging[id][i].calls--
	}
}
