package finding_test

import (
	"math/rand/v2"
	"testing"

	"vpnattach/shared/core/finding"
)

// TestName: names of other tools' parameters are shown, and random letters are not.
func TestName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Descripton", "ResourceGroupId", "dryRun", "BandwidthPackage", "pre_shared_key", "Phase1EncryptionAlgorithms", "RekeyMarginTimeSeconds",
		"customer_gateway_id", "EnableTunnelLifecycleControl", "equalsIgnoreCase", "QoSProfile", "MTUClamping", "BGPASN", "dhGroup", "detail-type",
		"TunnelOptionsSpecification.1.TunnelIndex", "xyz", "IkeConfig.Psk", "$schema", "aws:cdk:enable", "prefx", "Psks", "dpdTimeoutAction",
	} {
		if got := finding.Name(name); got != name {
			t.Errorf("%s: got %s", name, got)
		}
	}
	for name, want := range map[string]string{"": `""`, "qWzXyvTrKpLmNbVc": "(16 characters)", "hgkwzqvbnxpt": "(12 characters)", "a1b2c3d4": "(8 characters)", "name with blanks": "(16 characters)"} {
		if got := finding.Name(name); got != want {
			t.Errorf("%q: got %s, want %s", name, got, want)
		}
	}
	random, shown := rand.New(rand.NewPCG(1, 2)), 0
	const keys = 2000
	for range keys {
		key := make([]byte, 16)
		for i := range key {
			key[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[random.IntN(52)]
		}
		if finding.Name(string(key)) == string(key) {
			shown++
		}
	}
	if shown > keys/25 {
		t.Errorf("%d of %d keys of random letters are shown", shown, keys)
	}
}
