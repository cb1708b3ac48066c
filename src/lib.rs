//! oidcheck: will people be able to log in to this application through this OpenID Provider, and is it safe?
