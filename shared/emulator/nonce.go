package emulator

import "time"

// nonces are the used ones, by the minute in which the requests that used them become
// too old for checkTime. Then they are forgotten.
type nonces map[int64]map[string]bool

// use reports whether the nonce is new. at is when its request was signed.
func (n nonces) use(nonce string, at, now time.Time) bool {
	for minute, used := range n {
		if minute < minuteOf(now) {
			delete(n, minute)
		} else if used[nonce] {
			return false
		}
	}
	last := minuteOf(at.Add(maxSkew))
	if n[last] == nil {
		n[last] = map[string]bool{}
	}
	n[last][nonce] = true
	return true
}

func minuteOf(t time.Time) int64 { return t.Unix() / 60 }

// useNonce refuses a nonce that the account has used.
func (s *Server) useNonce(req *request, nonce string, at time.Time) *apiError {
	if !s.nonces.use(req.account.AccessKeyID+"/"+nonce, at, s.config.Now()) {
		return refuse("SignatureNonceUsed")
	}
	return nil
}
