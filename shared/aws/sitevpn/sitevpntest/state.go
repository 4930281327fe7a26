package sitevpntest

import (
	"net/http"
	"regexp"
	"slices"
	"sync"
	"time"
)

// Config says how the API behaves. Region is mandatory.
type Config struct {
	Region    string
	Provision time.Duration // how long the endpoint of a modified tunnel is replaced
	Negotiate time.Duration // how long a new endpoint takes until its tunnel can be up
	Lag       time.Duration // how long an answer shows a connection as before a change
	EarlyKey  bool          // a new key shows before its endpoint is in place

	// Device is asked for the device at the other end of a tunnel. It may call the Server.
	// nil: each has the key that the tunnel has.
	Device func(vpnConnectionID, outsideIP string) Device

	Now func() time.Time // default [time.Now]
	// Observe is told of each call, when it has been carried out and before it is answered.
	// It may call the Server.
	Observe func(Call)
}

// Device is what is at the other end of a tunnel.
type Device struct {
	Key     string
	Answers bool
}

// Connection is a connection to begin with: it is available, and its tunnels are up once
// their devices agree.
type Connection struct {
	ID              string
	Tunnels         [2]Tunnel
	PreSharedKeyARN string // where AWS keeps the keys; empty: in the connection
}

// Tunnel is one of its tunnels.
type Tunnel struct{ OutsideIP, Key string }

// State is how a tunnel is, whatever the answers show.
type State struct {
	Key          string // that its endpoint has, or will have
	Provisioning string // available, pending or failed
	Up           bool
}

// Server is the API. It is an [http.Handler] and safe for concurrent use.
type Server struct {
	config Config

	mutex       sync.Mutex
	connections map[string]*connection
	faults      []Fault
	failing     map[string]int // endpoints that will fail, by outside address
	answers     int
}

type connection struct {
	Connection
	tunnels  [2]tunnel
	accepted time.Time // the last change
}

type tunnel struct {
	outsideIP   string
	key, before string
	wasUp       bool      // before the last change
	ready       time.Time // when the endpoint is in place
	failed      bool      // it never is
	changed     time.Time // when up was last seen to change
	up          bool      // as last seen
}

// New returns an API without connections.
func New(config Config) *Server {
	if config.Now == nil {
		config.Now = time.Now
	}
	return &Server{config: config, connections: map[string]*connection{}, failing: map[string]int{}}
}

// Add adds a connection.
func (s *Server) Add(c Connection) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	added := &connection{Connection: c}
	for i, t := range c.Tunnels {
		added.tunnels[i] = tunnel{outsideIP: t.OutsideIP, key: t.Key, before: t.Key}
	}
	s.connections[c.ID] = added
}

// Tunnel returns how a tunnel is now. It panics without such a tunnel.
func (s *Server) Tunnel(vpnConnectionID, outsideIP string) State {
	device := s.device(vpnConnectionID, outsideIP)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	t := s.connections[vpnConnectionID].tunnel(outsideIP)
	now := s.config.Now()
	return State{Key: t.key, Provisioning: t.provisioning(now), Up: s.isUp(t, device, now)}
}

// Endpoint is what the device at the other end of a tunnel meets: the key, and whether
// there is an endpoint that answers. Unlike [Server.Tunnel] it asks no device.
func (s *Server) Endpoint(vpnConnectionID, outsideIP string) (key string, answers bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	t := s.connections[vpnConnectionID].tunnel(outsideIP)
	return t.key, s.isUp(t, nil, s.config.Now())
}

// SetKey changes the key of a tunnel as another caller does: it returns the code of the
// error, empty when the change is accepted.
func (s *Server) SetKey(vpnConnectionID, outsideIP, key string) (code string) {
	wasUp := s.Tunnel(vpnConnectionID, outsideIP).Up
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if f := s.modify(vpnConnectionID, outsideIP, key, wasUp, false); f != nil {
		return f.code
	}
	return ""
}

// SetProvision sets how long the endpoints that are replaced from now on take.
func (s *Server) SetProvision(d time.Duration) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.config.Provision = d
}

// FailProvisioning makes the next replacement of a tunnel's endpoint end as failed. The
// tunnel is down from then on, until it is modified again.
func (s *Server) FailProvisioning(outsideIP string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.failing[outsideIP]++
}

// device asks for the device at the other end, without holding the lock.
func (s *Server) device(vpnConnectionID, outsideIP string) *Device {
	if s.config.Device == nil {
		return nil
	}
	d := s.config.Device(vpnConnectionID, outsideIP)
	return &d
}

func (c *connection) tunnel(outsideIP string) *tunnel {
	if c == nil {
		return nil
	}
	i := slices.IndexFunc(c.tunnels[:], func(t tunnel) bool { return t.outsideIP == outsideIP })
	if i < 0 {
		return nil
	}
	return &c.tunnels[i]
}

func (c *connection) state(now time.Time) string {
	if slices.ContainsFunc(c.tunnels[:], func(t tunnel) bool { return now.Before(t.ready) }) {
		return "modifying"
	}
	return "available"
}

func (t *tunnel) provisioning(now time.Time) string {
	switch {
	case now.Before(t.ready):
		return "pending"
	case t.failed:
		return "failed"
	}
	return "available"
}

func (s *Server) isUp(t *tunnel, device *Device, now time.Time) bool {
	if t.provisioning(now) != "available" || !t.ready.IsZero() && now.Before(t.ready.Add(s.config.Negotiate)) {
		return false
	}
	return device == nil || device.Answers && device.Key == t.key
}

var validKey = regexp.MustCompile(`^[A-Za-z1-9._][A-Za-z0-9._]{7,63}$`)

// modify changes the key of a tunnel.
func (s *Server) modify(vpnConnectionID, outsideIP, key string, wasUp, dryRun bool) *fault {
	c := s.connections[vpnConnectionID]
	t := c.tunnel(outsideIP)
	now := s.config.Now()
	switch {
	case c == nil:
		return &fault{http.StatusBadRequest, "InvalidVpnConnectionID.NotFound", "The vpnConnection ID '" + vpnConnectionID + "' does not exist"}
	case dryRun:
		return &fault{http.StatusPreconditionFailed, "DryRunOperation", "Request would have succeeded, but DryRun flag is set."}
	case t == nil:
		return &fault{http.StatusBadRequest, "InvalidParameterValue", "The outside address " + outsideIP + " is not one of " + vpnConnectionID + "."}
	case !validKey.MatchString(key):
		return &fault{http.StatusBadRequest, "InvalidParameterValue", "Value (" + key + ") for parameter TunnelOptions.PreSharedKey is invalid."}
	case c.state(now) != "available":
		return &fault{http.StatusBadRequest, "IncorrectState", "The VPN connection " + vpnConnectionID + " is being modified."}
	}
	c.accepted = now
	t.before, t.key, t.wasUp, t.ready, t.failed = t.key, key, wasUp, now.Add(s.config.Provision), false
	if s.failing[outsideIP] > 0 {
		s.failing[outsideIP]--
		t.failed = true
	}
	return nil
}
