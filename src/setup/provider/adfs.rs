//! AD FS: PowerShell for an application group.
//!
//! Facts: the vendor's documentation; not run. Its userinfo endpoint has nothing but `sub`, so claims have to go into the
//! ID token: that needs the scope `allatclaims`, granted for a Web API whose identifier is the client id. Access tokens
//! carry another issuer than the metadata names.

use super::{Made, shell};
use crate::setup::{Block, Wish};
use oidcheck_checks::profile::need::Need;

/// The block.
pub(super) fn write(wish: &Wish<'_>, client: &Need) -> Made {
    let mut made = Made::default();
    let id = shell(wish.client_id);
    let uris: Vec<String> = client.redirects.iter().map(|uri| shell(uri)).collect();
    let mut out = format!("$group = {id}\n$clientId = {id}\n");
    out.push_str(&format!("$redirectUris = @({})\n\n", uris.join(", ")));
    out.push_str("New-AdfsApplicationGroup -Name $group -ApplicationGroupIdentifier $group\n");
    if client.public {
        out.push_str(
            "Add-AdfsNativeClientApplication -ApplicationGroupIdentifier $group -Name \"$group client\" \
             -Identifier $clientId -RedirectUri $redirectUris\n",
        );
    } else {
        out.push_str(
            "# Prints the secret, once.\nAdd-AdfsServerApplication -ApplicationGroupIdentifier $group -Name \"$group client\" \
             -Identifier $clientId -RedirectUri $redirectUris -GenerateClientSecret\n",
        );
    }
    out.push_str(
        "\n# A Web API that is called like the client: without it no claim of yours gets into the ID token.\n\
         $rules = @'\n\
         @RuleTemplate = \"LdapClaims\"\n@RuleName = \"OpenID Connect\"\n\
         c:[Type == \"http://schemas.microsoft.com/ws/2008/06/identity/claims/windowsaccountname\", Issuer == \"AD AUTHORITY\"]\n\
         \u{20}=> issue(store = \"Active Directory\", types = (\"email\", \"name\", \"preferred_username\"), \
         query = \";mail,displayName,sAMAccountName;{0}\", param = c.Value);\n'@\n\
         Add-AdfsWebApiApplication -ApplicationGroupIdentifier $group -Name \"$group claims\" -Identifier $clientId \
         -IssuanceTransformRules $rules -AccessControlPolicyName 'Permit everyone'\n\
         Grant-AdfsApplicationPermission -ClientRoleIdentifier $clientId -ServerRoleIdentifier $clientId \
         -ScopeNames openid, allatclaims, profile, email\n",
    );
    made.blocks.push(Block::new("AD FS: PowerShell as administrator", "powershell", out));
    if !client.scopes.iter().any(|scope| scope == "allatclaims") {
        made.notes.push(
            "On AD FS the application has to ask for the scopes openid and allatclaims, or claims about the person stay out \
             of the ID token; its userinfo endpoint has `sub` alone."
                .into(),
        );
    }
    if client.access_token_jwt {
        made.notes.push(
            "AD FS puts another issuer into access tokens (access_token_issuer of its metadata), and this application \
             compares the issuer of the access token: people will not be able to log in."
                .into(),
        );
    }
    made.notes.push("Set-AdfsServerApplication -RedirectUri replaces the whole list.".into());
    made
}
