package main

import (
	"encoding/base64"
	"strings"
	"testing"
)

func sound() config {
	return config{DatabaseURL: "postgres://portico_app:x@127.0.0.1/portico", SealKeys: "s1:" + key(), Peppers: "p1:" + key(),
		BaseURL: "https://portico.example", BaseDomain: "portico.example", SMTPURL: "smtp://relay.example"}
}

func TestConfigRefusesWhatCannotServe(t *testing.T) {
	t.Parallel()
	if _, err := sound().check(); err != nil {
		t.Fatal(err)
	}
	same := key()
	typed := "k1:" + base64.StdEncoding.EncodeToString([]byte("correct horse battery staple 1234"))
	few := "k1:" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x01\xff\x80\x00", 8)))
	word := "k1:" + base64.StdEncoding.EncodeToString([]byte("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09ChangeMe-and-so-on-0123"))
	for name, c := range map[string]struct {
		spoil func(*config)
		want  string // "" is allowed
	}{
		"database":           {func(c *config) { c.DatabaseURL = "postgres://u:hunter2@host:notaport/x" }, "DATABASE_URL"},
		"direct":             {func(c *config) { c.DirectDatabaseURL = "postgres://u:hunter2@[host/x" }, "PORTICO_DIRECT_DATABASE_URL"},
		"path":               {func(c *config) { c.BaseURL = "https://portico.example/x" }, "PORTICO_BASE_URL"},
		"no scheme":          {func(c *config) { c.BaseURL = "portico.example" }, "PORTICO_BASE_URL"},
		"plain":              {func(c *config) { c.BaseURL = "http://portico.example" }, "https"},
		"plain here":         {func(c *config) { c.BaseURL = "http://localhost:8080" }, ""},
		"plain loopback":     {func(c *config) { c.BaseURL = "http://127.0.0.1:8080" }, ""},
		"domain":             {func(c *config) { c.BaseDomain = "https://portico.example" }, "PORTICO_BASE_DOMAIN"},
		"sender":             {func(c *config) { c.MailFrom = "Portico <a@b.example>" }, "PORTICO_MAIL_FROM"},
		"relay in clear":     {func(c *config) { c.SMTPURL = "smtp://relay.example?tls=none" }, "PORTICO_SMTP_URL"},
		"relay, stated":      {func(c *config) { c.SMTPURL = "smtp://mail:1025?tls=none&allow_plain=1" }, ""},
		"relay, private":     {func(c *config) { c.SMTPURL = "smtp://10.1.2.3:25?tls=none" }, ""},
		"relay, slip":        {func(c *config) { c.SMTPURL = "smtp://relay.example?tsl=none" }, "PORTICO_SMTP_URL"},
		"same bytes":         {func(c *config) { c.SealKeys, c.Peppers = "s1:"+same, "p9:"+key()+",p1:"+same }, "PORTICO_PEPPERS"},
		"typed key":          {func(c *config) { c.SealKeys = typed }, "placeholder"},
		"few bytes":          {func(c *config) { c.Peppers = few }, "placeholder"},
		"word":               {func(c *config) { c.Peppers = word }, "placeholder"},
		"header":             {func(c *config) { c.TrustedProxies, c.ClientIPHeader = "10.0.0.0/8", "Fly Client" }, "PORTICO_CLIENT_IP_HEADER"},
		"header, no proxies": {func(c *config) { c.ClientIPHeader = "Fly-Client-IP" }, "PORTICO_TRUSTED_PROXIES"},
		"twilio": {func(c *config) {
			c.TwilioAccount, c.TwilioToken, c.TwilioFrom = "AC0123456789abcdef0123456789abcdef", "hunter2", "+12025550123"
		}, ""},
		"twilio, half": {func(c *config) { c.TwilioToken = "hunter2" }, "PORTICO_TWILIO_ACCOUNT_SID"},
		"twilio, no token": {func(c *config) {
			c.TwilioAccount, c.TwilioFrom = "AC0123456789abcdef0123456789abcdef", "+12025550123"
		}, "PORTICO_TWILIO_AUTH_TOKEN"},
		"twilio, no sender": {func(c *config) {
			c.TwilioAccount, c.TwilioToken = "AC0123456789abcdef0123456789abcdef", "hunter2"
		}, "PORTICO_TWILIO_FROM"},
		"both carriers":       {func(c *config) { c.TwilioToken, c.SMSRegion = "hunter2", "eu-west-1" }, "choose one"},
		"aws":                 {func(c *config) { c.SMSRegion, c.SMSFrom = "eu-west-1", "pool-0123456789abcdef" }, ""},
		"aws, place":          {func(c *config) { c.SMSRegion = "Ireland" }, "PORTICO_SMS_REGION"},
		"aws, sender":         {func(c *config) { c.SMSFrom = "Portico" }, "PORTICO_SMS_ORIGINATION"},
		"dns":                 {func(c *config) { c.DNS = "dns.example" }, "PORTICO_DNS"},
		"dns, off":            {func(c *config) { c.DNS = "off" }, ""},
		"host target":         {func(c *config) { c.HostTarget = "https://x.example" }, "PORTICO_HOST_TARGET"},
		"host addresses":      {func(c *config) { c.HostAddresses = "192.0.2.1, here" }, "PORTICO_HOST_ADDRESSES"},
		"header from proxies": {func(c *config) { c.TrustedProxies, c.ClientIPHeader = "10.0.0.0/8", "Fly-Client-IP" }, ""},
	} {
		cfg := sound()
		c.spoil(&cfg)
		_, err := cfg.check()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v does not name %s", name, err, c.want)
		case err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), same)):
			t.Errorf("%s: the error shows a secret: %v", name, err)
		}
	}
}

func TestConfigListenAddresses(t *testing.T) {
	t.Parallel()
	for addr, ok := range map[string]bool{":8080": true, "[::]:9090": true, "127.0.0.1:0": true, "localhost:80": true,
		"8080": false, "127.0.0.1": false, ":99999": false, "a b:80": false, "": false} {
		if err := listenAt("PORTICO_ADDR", addr); (err == nil) != ok {
			t.Errorf("%q: %v", addr, err)
		}
	}
}
