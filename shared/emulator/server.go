package emulator

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"vpnattach/shared/core/attachment"
	"vpnattach/shared/core/secret"
)

// Config says how the emulator behaves. The zero value works, but has no
// account, so every request is refused.
type Config struct {
	Accounts   []Account     // who may call; see [Server.SetAccount]
	UpdateTime time.Duration // how long a connection stays updating; 0: a change is in effect at once

	Partial        Partial // what a change does with what it leaves out; default [PartialObjects]
	MaskKeys       bool    // answers show 1234**** in place of a pre-shared key
	RequireSubnets bool    // Modify without both subnets is refused
	HealthCapitals bool    // HealthCheckConfig may have Enable, Dip, Sip, Interval and Retry in capitals too
	DescribeLag    Lag     // Describe lags behind a change that was made; it does not outlive the Server
	CreateSingle   bool    // attachments with one tunnel can be created, as on the service before dual-tunnel mode

	Now    func() time.Time // default [time.Now]
	Random io.Reader        // for keys and ids; default [crypto/rand.Reader]

	// State holds the records that an earlier run gave to Save; without any, the
	// emulator starts with its three attachments. Save is called with the changed
	// records before a change is answered, one call at a time; a nil value deletes
	// the record. When Save fails, the request fails with InternalError and has no
	// effect. The records hold pre-shared keys in clear.
	State map[string][]byte
	Save  func(records map[string][]byte) error

	// Peer is asked for the device at the other end of a tunnel, in place of the one that
	// [Server.SetPeer] has set, whenever a request needs it. It must not call the Server.
	// nil, or not known: the one that was set.
	Peer func(tunnel string) (peer Peer, known bool)

	// Observe is called for each authenticated request that reached its operation or
	// an injected error, one at a time, before it is answered. It must not call the
	// Server.
	Observe func(Call)
}

// Account is a caller: a user of the one Alibaba Cloud account that is emulated.
type Account struct {
	AccessKeyID   string
	Secret        secret.Secret
	SecurityToken secret.Secret // set: each request must carry it
	Inactive      bool          // the key is disabled
	Deny          []Denial
}

// Denial takes a permission from an account.
type Denial struct {
	Action          string // empty: all
	VpnConnectionID string // empty: all
	Code            string // Forbidden.RAM (the default), Forbidden or Forbbiden.SubUser
}

// Call is an authenticated request and its result.
type Call struct {
	AccessKeyID string
	Action      string
	Params      map[string]string // as they came, flattened, secrets in clear; not the signature's
	RequestID   string
	Status      int
	Code        string // empty: it was carried out
	Replayed    bool   // answered from its ClientToken, without a second effect
}

// Server is the emulated API. It is an [http.Handler] and safe for concurrent use.
type Server struct {
	mu     sync.Mutex
	config Config

	accounts    map[string]*Account
	connections map[string]*connection
	gateways    map[string]*gateway
	tokens      map[string]*token
	tokenOrder  []string // oldest first
	sequence    int64    // of the newest token
	faults      []Fault

	nonces  nonces
	lagging map[string][]version // by attachment: the changes that Describe does not show yet
}

// New starts from config.State. It fails when a record there can't be read or
// the first attachments can't be saved.
func New(config Config) (*Server, error) {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Random == nil {
		config.Random = rand.Reader
	}
	partial, err := ParsePartial(string(config.Partial))
	if err != nil {
		return nil, fmt.Errorf("emulator: Partial: %w", err)
	}
	config.Partial = partial
	s := &Server{
		config:   config,
		accounts: map[string]*Account{}, connections: map[string]*connection{}, gateways: map[string]*gateway{}, tokens: map[string]*token{},
		nonces: nonces{}, lagging: map[string][]version{},
	}
	for _, a := range config.Accounts {
		s.SetAccount(a)
	}
	start := s.seed
	if len(config.State) > 0 {
		start = func() error { return s.load(config.State) }
	}
	if err := start(); err != nil {
		return nil, fmt.Errorf("emulator: %w", err)
	}
	s.config.State = nil
	return s, nil
}

// SetAccount adds an account, or replaces the one with the same access key.
func (s *Server) SetAccount(a Account) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a.Deny = slices.Clone(a.Deny)
	s.accounts[a.AccessKeyID] = &a
}

// operation is one action of the API.
type operation struct {
	required []string
	// run checks the request. It changes nothing itself: the records hold what is
	// to change.
	run func(*Server, *request) (answer map[string]any, changed records, refused *apiError)
}

var operations = map[string]operation{
	"ModifyVpnAttachmentAttribute": {[]string{"RegionId", "VpnConnectionId"}, (*Server).modifyAttachment},
	"DescribeVpnConnection":        {[]string{"RegionId", "VpnConnectionId"}, (*Server).describeConnection},
	"DescribeVpnConnections":       {[]string{"RegionId"}, (*Server).describeConnections},
	"DescribeVpnAttachments":       {[]string{"RegionId"}, (*Server).describeAttachments},
	"CreateVpnAttachment":          {[]string{"RegionId", "LocalSubnet", "RemoteSubnet"}, (*Server).createAttachment},
	"DeleteVpnAttachment":          {[]string{"RegionId", "VpnConnectionId"}, (*Server).deleteAttachment},
	"CreateCustomerGateway":        {[]string{"RegionId", "IpAddress"}, (*Server).createGateway},
	"DescribeCustomerGateway":      {[]string{"RegionId", "CustomerGatewayId"}, (*Server).describeGateway},
	"DescribeCustomerGateways":     {[]string{"RegionId"}, (*Server).describeGateways},
	"DeleteCustomerGateway":        {[]string{"RegionId", "CustomerGatewayId"}, (*Server).deleteGateway},
	"DiagnoseVpnConnections":       {[]string{"RegionId"}, (*Server).diagnose},
	"TagResources":                 {[]string{"RegionId", "ResourceType"}, (*Server).tagResources},
	"ListTagResources":             {[]string{"RegionId", "ResourceType"}, (*Server).listTagResources},
	"MoveVpnResourceGroup":         {[]string{"RegionId", "ResourceType", "InstanceId", "NewResourceGroupId"}, (*Server).moveResourceGroup},
	"DescribeRegions":              {nil, (*Server).describeRegions},
}

// ServeHTTP answers a request of the RPC API at /, and the controls for people
// on the machine under /emulator/ (see [Server.InjectFaults], [Server.SetCondition] and [Server.SetPeer]).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the body can't be read", http.StatusRequestEntityTooLarge)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/emulator/") {
		s.control(w, r, body)
		return
	}
	s.answer(r, body).write(w, r)
}

// answer checks one request and carries it out.
func (s *Server) answer(r *http.Request, body []byte) *response {
	s.mu.Lock()
	defer s.mu.Unlock()
	req, refused := readRequest(r, body)
	req.id = s.newRequestID()
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		refused = refuse("UnsupportedHTTPMethod")
	case r.URL.Path != "/" && r.URL.Path != "":
		refused = refuse("InvalidApi.NotFound")
	}
	if refused == nil {
		refused = s.authenticate(r, body, req)
	}
	if refused != nil {
		return errorResponse(req, refused, Fault{})
	}
	fault := s.nextFault(req)
	if fault.Reset {
		return &response{fault: fault}
	}
	var answer json.RawMessage
	var replayed bool
	if fault.Code != "" {
		refused = refuse(fault.Code)
	} else {
		answer, replayed, refused = s.carryOut(req)
	}
	res := errorResponse(req, refused, fault)
	if refused == nil {
		res.status, res.body = http.StatusOK, answer
	}
	if s.config.Observe != nil {
		s.config.Observe(newCall(req, res.status, replayed, refused))
	}
	return res
}

func newCall(req *request, status int, replayed bool, refused *apiError) Call {
	call := Call{req.account.AccessKeyID, req.action, req.own(), req.id, status, "", replayed}
	if token := req.params["ClientToken"]; token != "" {
		call.Params["ClientToken"] = token
	}
	if refused != nil {
		call.Code = refused.code
	}
	return call
}

// carryOut runs an authenticated request once for each ClientToken.
func (s *Server) carryOut(req *request) (answer json.RawMessage, replayed bool, refused *apiError) {
	op, known := operations[req.action]
	if !known || req.version != "2016-04-28" {
		return nil, false, refuse("InvalidApi.NotFound")
	}
	for _, d := range req.account.Deny {
		if (d.Action == "" || d.Action == req.action) && (d.VpnConnectionID == "" || d.VpnConnectionID == req.params["VpnConnectionId"]) {
			if _, known := rowOf(d.Code); !known {
				d.Code = "Forbidden.RAM"
			}
			return nil, false, refuse(d.Code)
		}
	}
	for _, name := range op.required {
		if req.params[name] == "" {
			return nil, false, missing(name)
		}
	}
	if region := req.params["RegionId"]; region != "" && !slices.Contains(attachment.Regions, region) {
		return nil, false, refuse("InvalidRegionId.NotFound")
	}
	key, digest, refused := tokenKey(req)
	if refused != nil {
		return nil, false, refused
	}
	if used := s.tokens[key]; used != nil {
		return used.replay(digest)
	}
	fields, changed, refused := op.run(s, req)
	if refused != nil {
		return nil, false, refused
	}
	fields["RequestId"] = req.id
	answer = appendJSON(make([]byte, 0, 4096), fields)
	if len(changed) > 0 {
		before := s.connections[req.params["VpnConnectionId"]]
		s.useToken(changed, key, digest, answer)
		if s.commit(changed) != nil {
			return nil, false, refuse("InternalError")
		}
		s.sequence++
		if before != nil && req.action == "ModifyVpnAttachmentAttribute" {
			s.startLag(before)
		}
	}
	return answer, false, nil
}

// random returns n bytes, of the system's source when config.Random has no more.
func (s *Server) random(n int) []byte {
	data := make([]byte, n)
	if _, err := io.ReadFull(s.config.Random, data); err != nil {
		_, _ = rand.Read(data)
	}
	return data
}

func (s *Server) newRequestID() string {
	h := strings.ToUpper(hex.EncodeToString(s.random(16)))
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func (s *Server) newID(prefix string) string { return prefix + hex.EncodeToString(s.random(10)) }

// newKey is a random pre-shared key of 16 characters.
func (s *Server) newKey() string { return hex.EncodeToString(s.random(8)) }
