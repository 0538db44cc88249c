package main

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"portico/app/feedback"
	"portico/app/letters"
	"portico/tenants"
)

// config is what `serve` and the operators' verbs read from flags and PORTICO_* variables. A secret may
// also come from a file: NAME_FILE names it.
type config struct {
	DatabaseURL       string `name:"database-url" env:"DATABASE_URL" help:"PostgreSQL, as portico_app." placeholder:"URL"`
	DirectDatabaseURL string `env:"PORTICO_DIRECT_DATABASE_URL" help:"The same without a pooler, for LISTEN and the job queue." placeholder:"URL"`
	SealKeys          string `env:"PORTICO_SEAL_KEYS" help:"Keys that seal letters and cookies: id:base64[,…], the first is current." placeholder:"KEYS"`
	Peppers           string `env:"PORTICO_PEPPERS" help:"Keys that seal password hashes: id:base64[,…], the first is current." placeholder:"KEYS"`
	BaseURL           string `env:"PORTICO_BASE_URL" help:"The platform's own origin: https://portico.example." placeholder:"URL"`
	BaseDomain        string `env:"PORTICO_BASE_DOMAIN" help:"Tenants answer on <slug>.<base domain>." placeholder:"DOMAIN"`
	TrustedProxies    string `env:"PORTICO_TRUSTED_PROXIES" help:"Networks whose X-Forwarded-For counts: 10.0.0.0/8,…" placeholder:"CIDRS"`
	ClientIPHeader    string `env:"PORTICO_CLIENT_IP_HEADER" help:"Header in which a trusted proxy names the client, where X-Forwarded-For does not: Fly-Client-IP." placeholder:"NAME"`
	MaxConns          int    `env:"PORTICO_MAX_CONNS" help:"Database connections of this instance; 0 is four a core."`
	Log               string `env:"PORTICO_LOG" enum:"debug,info,warn,error" default:"info" help:"Least level that is logged."`
	Contact           string `env:"PORTICO_SECURITY_CONTACT" help:"For /.well-known/security.txt: mailto: or https:." placeholder:"URI"`

	MailFrom string `env:"PORTICO_MAIL_FROM" help:"Sender of the platform's own mail and of tenants without one." placeholder:"ADDRESS"`
	MailName string `env:"PORTICO_MAIL_NAME" default:"Portico" help:"Its name."`
	SMTPURL  string `name:"smtp-url" env:"PORTICO_SMTP_URL" help:"Relay: smtp://[user:password@]host[:port] with STARTTLS, or smtps://. ?tls=none sends in clear to loopback and private addresses; elsewhere state &allow_plain=1 too." placeholder:"URL"`
	SES      string `name:"ses-region" env:"PORTICO_SES_REGION" help:"Send by Amazon SES in this region instead." placeholder:"REGION"`
	SESSet   string `name:"ses-configuration-set" env:"PORTICO_SES_CONFIGURATION_SET" help:"SES configuration set." placeholder:"NAME"`
	Topics   string `name:"sns-topics" env:"PORTICO_SNS_TOPICS" help:"ARNs of the SNS topics, with commas, to which SES publishes what became of letters; SNS posts to /hooks/ses." placeholder:"ARN,…"`
	Relays   string `name:"relay-networks" env:"PORTICO_RELAY_NETWORKS" help:"Private networks in which relays of tenants may stand: 10.1.0.0/16,… All public ones may." placeholder:"CIDRS"`
	SESAt    string `name:"ses-endpoint" env:"PORTICO_SES_ENDPOINT" hidden:""`

	phoneConfig
	addressConfig
}

// checked is a config whose texts were understood.
type checked struct {
	config
	seals, peppers tenants.Keyring
	proxies        []netip.Prefix
	identity       letters.Identity
	topics         []string // of SNS
	relayNetworks  []netip.Prefix
	smtp           *letters.SMTP
}

// variables are the names that Portico reads; another PORTICO_ name is a slip that would go unnoticed.
var variables = []string{"PORTICO_OWNER_DATABASE_URL", "PORTICO_DIRECT_DATABASE_URL", "PORTICO_SEAL_KEYS", "PORTICO_PEPPERS",
	"PORTICO_BASE_URL", "PORTICO_BASE_DOMAIN", "PORTICO_TRUSTED_PROXIES", "PORTICO_CLIENT_IP_HEADER", "PORTICO_MAX_CONNS", "PORTICO_LOG",
	"PORTICO_SECURITY_CONTACT", "PORTICO_MAIL_FROM", "PORTICO_MAIL_NAME", "PORTICO_SMTP_URL", "PORTICO_SES_REGION",
	"PORTICO_SES_CONFIGURATION_SET", "PORTICO_SES_ENDPOINT", "PORTICO_SNS_TOPICS", "PORTICO_RELAY_NETWORKS", "PORTICO_ADDR", "PORTICO_ROLE", "PORTICO_DRAIN_WAIT", "PORTICO_METRICS_ADDR", "PORTICO_DATA",
	"PORTICO_PG_BIN", "PORTICO_TWILIO_ACCOUNT_SID", "PORTICO_TWILIO_AUTH_TOKEN", "PORTICO_TWILIO_FROM", "PORTICO_TWILIO_ENDPOINT",
	"PORTICO_SMS_REGION", "PORTICO_SMS_ORIGINATION", "PORTICO_SMS_ENDPOINT",
	"PORTICO_DNS", "PORTICO_HOST_TARGET", "PORTICO_HOST_ADDRESSES", "PORTICO_CAA",
	"PORTICO_TLS", "PORTICO_TLS_ADDR", "PORTICO_HTTP_ADDR", "PORTICO_ACME_DIRECTORY", "PORTICO_ACME_ROOTS", "PORTICO_ACME_EMAIL", "PORTICO_FLY_TOKEN", "PORTICO_FLY_API"}

// check understands the whole config or says everything that is wrong with it, in one go.
func (c config) check() (checked, error) {
	out := checked{config: c}
	var wrong []error
	note := func(name string, err error) {
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
	}
	required := map[string]string{"DATABASE_URL": c.DatabaseURL, "PORTICO_BASE_URL": c.BaseURL}
	for _, name := range []string{"DATABASE_URL", "PORTICO_BASE_URL"} {
		if required[name] == "" {
			note(name, errors.New("is not set"))
		}
	}
	note("DATABASE_URL", databaseURL(c.DatabaseURL))
	note("PORTICO_DIRECT_DATABASE_URL", databaseURL(c.DirectDatabaseURL))
	note("PORTICO_BASE_DOMAIN", hostName(c.BaseDomain))
	note("PORTICO_MAIL_FROM", mailbox(c.MailFrom))
	var err error
	out.seals, err = ring(c.SealKeys)
	note("PORTICO_SEAL_KEYS", err)
	out.peppers, err = ring(c.Peppers)
	note("PORTICO_PEPPERS", err)
	note("PORTICO_PEPPERS", apart(c.SealKeys, c.Peppers))
	out.proxies, err = prefixes(c.TrustedProxies)
	note("PORTICO_TRUSTED_PROXIES", err)
	note("PORTICO_CLIENT_IP_HEADER", headerName(c.ClientIPHeader, len(out.proxies) > 0))
	if c.BaseURL != "" {
		note("PORTICO_BASE_URL", origin(c.BaseURL))
		out.identity = c.sender()
	}
	switch {
	case c.SMTPURL != "" && c.SES != "":
		note("PORTICO_SMTP_URL", errors.New("and PORTICO_SES_REGION are both set; choose one"))
	case c.SMTPURL != "":
		out.smtp, err = relay(c.SMTPURL)
		note("PORTICO_SMTP_URL", err)
	case c.SES == "":
		note("PORTICO_SMTP_URL", errors.New("or PORTICO_SES_REGION must be set: without one no letter can leave"))
	}
	out.topics, err = topics(c.Topics)
	note("PORTICO_SNS_TOPICS", err)
	out.relayNetworks, err = prefixes(c.Relays)
	note("PORTICO_RELAY_NETWORKS", err)
	c.phoneConfig.check(note)
	c.addressConfig.check(note)
	note("settings", unknownVariables(os.Environ()))
	return out, errors.Join(wrong...)
}

// topics reads a list of ARNs.
func topics(list string) (all []string, err error) {
	for arn := range strings.SplitSeq(list, ",") {
		if arn = strings.TrimSpace(arn); arn != "" {
			all, err = append(all, arn), errors.Join(err, feedback.CheckTopic(arn))
		}
	}
	return all, err
}

// relaysAt tells where relays of tenants may stand: at public addresses, and in the networks that the operator
// lists. A tenant's file could otherwise have this machine knock at its neighbours' doors.
func (c checked) relaysAt(x extras) func(netip.Addr) bool {
	if x.transport != nil {
		return nil // dev: no relay is used
	}
	return func(at netip.Addr) bool {
		return letters.PublicAddress(at) || slices.ContainsFunc(c.relayNetworks, func(n netip.Prefix) bool { return n.Contains(at.Unmap()) })
	}
}

// sender is whom the platform's mail is from: at the platform's own host where nothing else is said.
func (c config) sender() letters.Identity {
	from := c.MailFrom
	if from == "" {
		from = "noreply@" + hostOf(c.BaseURL)
	}
	return letters.Identity{From: from, Name: c.MailName}
}

func unknownVariables(environ []string) error {
	var unknown []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "PORTICO_") && !strings.HasPrefix(name, "PORTICO_TEST_") && !strings.HasPrefix(name, "PORTICO_DEMO_") &&
			!strings.HasPrefix(name, "PORTICO_TENANT_") && !slices.Contains(variables, strings.TrimSuffix(name, "_FILE")) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return fmt.Errorf("nothing reads %s; is the name right?", strings.Join(unknown, ", "))
	}
	return nil
}

// readSecretFiles puts the contents of the file that NAME_FILE names into NAME.
func readSecretFiles() error {
	var wrong []error
	for _, name := range append([]string{"DATABASE_URL"}, variables...) {
		path := os.Getenv(name + "_FILE")
		if path == "" {
			continue
		}
		if os.Getenv(name) != "" {
			wrong = append(wrong, fmt.Errorf("%s and %s_FILE are both set", name, name))
			continue
		}
		b, err := os.ReadFile(path) //nolint:gosec // the operator names the file
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s_FILE: %w", name, err))
			continue
		}
		wrong = append(wrong, os.Setenv(name, strings.TrimSpace(string(b))))
	}
	return errors.Join(wrong...)
}
