package main

import (
	"context"
	"errors"
	"regexp"

	"portico/app/letters"
)

// phoneConfig is the platform's own account for texts and calls; tenants may have accounts of their own.
type phoneConfig struct {
	TwilioAccount string `name:"twilio-account-sid" env:"PORTICO_TWILIO_ACCOUNT_SID" help:"Texts and calls by Twilio: the account." placeholder:"AC…"`
	TwilioToken   string `name:"twilio-auth-token" env:"PORTICO_TWILIO_AUTH_TOKEN" help:"Its auth token." placeholder:"TOKEN"`
	TwilioFrom    string `name:"twilio-from" env:"PORTICO_TWILIO_FROM" help:"The number that texts and calls come from; for texts alone also a messaging service (MG…) or a sender id." placeholder:"NUMBER"`
	SMSRegion     string `name:"sms-region" env:"PORTICO_SMS_REGION" help:"Texts and calls by AWS End User Messaging in this region instead." placeholder:"REGION"`
	SMSFrom       string `name:"sms-origination" env:"PORTICO_SMS_ORIGINATION" help:"Its number, sender id or pool." placeholder:"ID"`
	TwilioAt      string `name:"twilio-endpoint" env:"PORTICO_TWILIO_ENDPOINT" hidden:""`
	SMSAt         string `name:"sms-endpoint" env:"PORTICO_SMS_ENDPOINT" hidden:""`
}

var (
	twilioAccount = regexp.MustCompile(`^AC[0-9a-fA-F]{32}$`)
	twilioFrom    = regexp.MustCompile(`^(\+[1-9][0-9]{6,14}|MG[0-9a-fA-F]{32}|[A-Za-z0-9 -]{1,11})$`)
	smsRegion     = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	smsFrom       = regexp.MustCompile(`^[A-Za-z0-9_:/+-]{1,256}$`)
)

// check notes everything that is wrong with the account; none at all is sound.
func (c phoneConfig) check(note func(name string, err error)) {
	refuse := func(bad bool, name, why string) {
		if bad {
			note(name, errors.New(why))
		}
	}
	twilio := c.TwilioAccount != "" || c.TwilioToken != "" || c.TwilioFrom != ""
	refuse(twilio && !twilioAccount.MatchString(c.TwilioAccount), "PORTICO_TWILIO_ACCOUNT_SID", "is not AC and 32 hexadecimal digits")
	refuse(twilio && c.TwilioToken == "", "PORTICO_TWILIO_AUTH_TOKEN", "is not set")
	refuse(twilio && !twilioFrom.MatchString(c.TwilioFrom), "PORTICO_TWILIO_FROM", "is neither a number such as +12025550123, a messaging service (MG…) nor a sender id")
	refuse(twilio && c.SMSRegion != "", "PORTICO_SMS_REGION", "and PORTICO_TWILIO_ACCOUNT_SID are both set; choose one")
	refuse(c.SMSRegion != "" && !smsRegion.MatchString(c.SMSRegion), "PORTICO_SMS_REGION", "is not a region of AWS, such as eu-west-1")
	refuse(c.SMSRegion == "" && c.SMSFrom != "", "PORTICO_SMS_ORIGINATION", "is set without PORTICO_SMS_REGION")
	refuse(c.SMSFrom != "" && !smsFrom.MatchString(c.SMSFrom), "PORTICO_SMS_ORIGINATION", "is not a number, sender id or pool")
}

// phones makes the platform's carrier; without settings there is none.
func (c phoneConfig) phones(ctx context.Context) (letters.PhoneSettings, error) {
	p := letters.PhoneSettings{TwilioAt: c.TwilioAt, AWSAt: c.SMSAt}
	switch {
	case c.TwilioAccount != "":
		p.From = c.TwilioFrom
		p.Transport = &letters.Twilio{Account: c.TwilioAccount, Token: c.TwilioToken, From: c.TwilioFrom, BaseURL: c.TwilioAt}
	case c.SMSRegion != "":
		p.From = c.SMSFrom
		aws, err := letters.NewPlatformAWSPhones(ctx, letters.AWSPhoneSettings{Region: c.SMSRegion, Origination: c.SMSFrom, Endpoint: c.SMSAt})
		if err != nil {
			return p, err
		}
		p.Transport = aws
	}
	return p, nil
}
