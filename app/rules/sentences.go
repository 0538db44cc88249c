package rules

import (
	"strings"

	"portico/tenants"
)

// sentences lead from how a fault of a policy is told at a command to how people read it: rules.fault.cannot.<code>,
// with the values of the sentence as {a}, {b} and {c}. A sentence is known by how its template begins.
var sentences = []struct{ begins, code string }{
	{"offers a way to recovery while recovery is off", "forgot_off"},
	{"is below a password that the first step", "forgot_position"},
	{"%s is shorter than session.ttl %s", "absolute_short"},
	{"%s is longer than the most of %s", "too_long"},
	{"%s is shorter than the least of %s", "too_short"},
	{"asks administrators for less than everybody else", "admins_less"},
	{"required needs totp in gates.methods_register", "nobody_totp"},
	{"%q is not a number as dialled from abroad", "phone_link"},
	{"is missing: ", "phone_both"},
	{"%q is not a mail address", "not_mail"},
	{"%q is neither an https address nor a path here", "not_address"},
	{"%q is neither a path here", "not_target"},
	{"browse_kb needs", "panel_module"},
	{"create_case needs", "panel_module"},
	{"contact needs modules.contact", "panel_contact"},
	{"is empty: nobody could ever get an account", "no_mode"},
	{"is 0 (off) while a window or a block is given", "limit_off"},
	{"%d in %s is more than the most of 1000 in 3m", "signin_ip"},
	{"%s is wider than /%d", "network_wide"},
	{"%s has bits beyond its length", "network_bits"},
	{"%q is not an address range", "network_text"},
	{"%s stands twice", "twice"},
	{"%q stands twice", "twice"},
	{"%s is shorter than lockout.duration", "cap_short"},
	{"bounds a growth that lockout.growth none", "cap_none"},
	{"%d is more than password.max", "min_max"},
	{"%d is more than questions.answer_max", "min_max"},
	{"%d is less than %d, the least where the password is the only factor", "min_nist"},
	{"must be empty %s", "nist_kinds"},
	{"must be 0 in mode nist, which forbids rules", "nist_kinds"},
	{"must be 0 %s", "nist_kinds"},
	{"must be any %s", "nist_kinds"},
	{"must be 0 in mode nist, which forbids periodic", "nist_age"},
	{"needs password.change_in_session true", "age_inside"},
	{"has %d terms", "many_terms"},
	{"%q has %d characters; a term has 4 to 16", "term_length"},
	{"%q has %d characters; a question has 3 to 200", "question_length"},
	{"has %d questions; 20 at most", "many_questions"},
	{"must name the group by its external_id", "scope_group"},
	{"names a group while reset.scope is", "scope_other"},
	{"counts for reset.captcha after_n alone", "captcha_after"},
	{"can only show an address that was typed", "echo"},
	{"leads back to a form that reset.captcha always guards", "reenter"},
	{"asks for a confirmed address while no proof", "confirmed"},
	{"asks people to have registered proofs while", "register_none"},
	{"asks people to register proofs while", "register_none"},
	{"needs recovery, which is off", "unlock_off"},
	{"needs a proof, and gates.methods_use has none", "unlock_none"},
	{"offers \"I know my password\"", "reason"},
	{"%q is not in gates.methods_register", "not_registrable"},
	{"an administrator never sets or reads answers", "admin_questions"},
	{"%q rests on %q", "rests_on"},
	{"has no phone or address to type again", "retype"},
	{"is empty while recovery is on", "no_proof"},
	{"asks for %d proofs of different kinds", "too_few_kinds"},
	{"security_questions never open an account alone", "questions_alone"},
	{"method would accept two proofs", "same_place"},
	{"%d is neither 0 (no difference)", "admin_gates"},
	{"leaves administrators %d kinds of proof", "admin_forbid"},
	{"asks %d questions of people who registered %d", "ask_more"},
	{"asks at sign-in, where registration.at_signin is off", "reconfirm_off"},
}

// told is a fault of a policy as people read it. What has no sentence of its own is told as what it is: a rule
// that does not go together with others.
func told(f tenants.Fault) (code string, args map[string]any) {
	for _, s := range sentences {
		if strings.HasPrefix(f.Template, s.begins) {
			args = map[string]any{}
			for i, name := range []string{"a", "b", "c"} {
				args[name] = f.Values[i]
			}
			return "cannot." + s.code, args
		}
	}
	return "rule", nil
}
