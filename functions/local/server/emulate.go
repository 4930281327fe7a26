package server

import (
	"vpnattach/functions/local/store"
	"vpnattach/shared/core/request"
	"vpnattach/shared/core/secret"
	"vpnattach/shared/emulator"
)

const emulatorBucket = "emulator"

// LocalCredentials is the access key that the emulator accepts, unless the
// configuration has another secret for it.
var LocalCredentials = request.Credentials{AccessKeyID: "local", AccessKeySecret: secret.New("local-secret")}

// newEmulator makes the emulator, with what it has kept in the state.
func newEmulator(config *Config) (*emulator.Server, error) {
	kept := map[string][]byte{}
	err := config.State.View(func(tx *store.Tx) error {
		return tx.Each(emulatorBucket, func(key string, value []byte) error {
			kept[key] = value
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return emulator.New(emulator.Config{
		Accounts:   []emulator.Account{account(LocalCredentials), account(config.Credentials)}, // the later replaces the one with the same id
		UpdateTime: config.UpdateTime, MaskKeys: config.MaskKeys, RequireSubnets: config.RequireSubnets, State: kept,
		Partial: config.Partial, DescribeLag: config.DescribeLag, HealthCapitals: config.HealthCapitals, CreateSingle: config.CreateSingle,
		Save: func(records map[string][]byte) error {
			return config.State.Update(func(tx *store.Tx) error {
				for key, value := range records {
					put := func() error { return tx.Put(emulatorBucket, key, value) }
					if value == nil {
						put = func() error { return tx.Delete(emulatorBucket, key) }
					}
					if err := put(); err != nil {
						return err
					}
				}
				return nil
			})
		},
	})
}

func account(c request.Credentials) emulator.Account {
	return emulator.Account{AccessKeyID: c.AccessKeyID, Secret: c.AccessKeySecret, SecurityToken: c.SecurityToken}
}
