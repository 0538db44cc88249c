package apptest

// Password is everybody's in the test tenants; it meets every preset's rules.
const Password = "Copper-Kettle-harbour7"

// First is a tenant that signs in by e-mail address and recovers by one link (preset email-link). Its
// people: ava (ordinary), tariq (administrator), ines (disabled), kofi (SSO only), with the address
// <name>@first.example.
const First = `portico: 1
slug: first
name: First House
hosts:
  - host: sign-in.first.example
policy:
  preset: email-link
  signin: {external: "off"}
  users: {registration_mode: [invite]}
  help: {escalation: Brand Administrator, email: help@first.example, phone: "+1 555 0100", phone_link: "+15550100"}
portal:
  links: [{label: Desk, url: "https://desk.first.example/"}]
  return_targets: ["https://desk.first.example/"]
sender: {transport: platform, from: noreply@first.example, from_name: First House}
accounts:
  - {external_id: f-1, name: Ava Lindqvist, email: ava@first.example, password: "env:PORTICO_TENANT_P"}
  - {external_id: f-2, name: Tariq Mensah, email: tariq@first.example, password: "env:PORTICO_TENANT_P", roles: [{role: brand_admin}]}
  - {external_id: f-3, name: Ines Carvalho, email: ines@first.example, password: "env:PORTICO_TENANT_P", status: disabled}
  - {external_id: f-4, name: Kofi Tanaka, email: kofi@first.example, sign_in: sso}
  - {external_id: f-5, name: Shared Person, email: shared@both.example, password: "env:PORTICO_TENANT_P"}
`

// Second is a tenant that signs in by username and recovers by e-mail address (preset customer-portal).
// shared@both.example stands at both tenants: two accounts that know nothing of each other.
const Second = `portico: 1
slug: second
name: Second Works
hosts:
  - host: portal.second.example
policy:
  preset: customer-portal
  signin: {external: "off"}
  users: {registration_mode: [invite]}
  modules: {kb: false, cases: false, contact: false, search: false}
  help: {escalation: the service desk, email: help@second.example, panel: [contact]}
  password: {history_change: 0, change_in_session: false}
theme: {layout: portal, site_title: Customer Portal}
sender: {transport: platform, from: noreply@second.example, from_name: Second Works}
accounts:
  - {external_id: s-1, name: Mina Okafor, username: mina, email: mina@second.example, password: "env:PORTICO_TENANT_P"}
  - {external_id: s-2, name: Jonas Brandvold, username: jonas, email: jonas@second.example, password: "env:PORTICO_TENANT_P"}
  - {external_id: s-3, name: Shared Person, username: shared, email: shared@both.example, password: "env:PORTICO_TENANT_P"}
`
