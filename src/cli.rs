//! The command line: types and their help, no behaviour.

use crate::render::Format;
use clap::{Args, Parser, Subcommand, ValueEnum};
use oidcheck_checks::check::Tier;
use oidcheck_checks::target::Depth;
use oidcheck_checks::verdict::Severity;
use std::path::PathBuf;

/// Will people be able to log in to this application through this OpenID Provider, and is it safe?
#[derive(Debug, Parser)]
#[command(name = "oidcheck", version, propagate_version = true, arg_required_else_help = true, max_term_width = 120)]
#[command(after_help = "\
Exit codes:
  0   nothing at or above the threshold
  1   findings at or above the threshold
  2   usage or configuration error
  3   nothing failed, but something could not be decided (--inconclusive ok makes it 0)
  4   the provider could not be reached at all
  70  a bug in oidcheck")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check a provider for one or more applications
    Check(Box<CheckArgs>),
    /// Judge a recording again, without a single request
    Replay(ReplayArgs),
    /// List what this version knows
    List(ListArgs),
    /// Explain a check, a profile or a library
    Explain(ExplainArgs),
    /// Explain a token: what it says, who signed it, what each application makes of it
    Inspect(Box<InspectArgs>),
    /// Run the embedded provider, with or without faults, and check it
    Demo(DemoArgs),
    /// Print both sides of a login, the provider's client and the application's settings, ready to paste
    Setup(SetupArgs),
    /// Read configuration files and guides, and say what will not work
    Lint(LintArgs),
}

/// `oidcheck check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The issuer, or its discovery URL, as typed into the application [default: what the application at --app-url uses]
    pub issuer: Option<String>,
    /// Where the application is reached; some applications show there without a login what they send
    #[arg(long, value_name = "URL")]
    pub app_url: Option<String>,
    /// A redirect URI that the application sends, in place of those that its profile makes of --app-url (repeatable)
    #[arg(long = "redirect-uri", value_name = "URI", help_heading = "Client")]
    pub redirect_uris: Vec<String>,
    /// The client id: asks the provider what it makes of the application's requests
    #[arg(long, value_name = "ID", help_heading = "Client")]
    pub client_id: Option<String>,
    /// The client secret, from a file; or set OIDCHECK_CLIENT_SECRET
    #[arg(long, value_name = "FILE", help_heading = "Client")]
    pub client_secret_file: Option<PathBuf>,
    /// The private key of a client that authenticates by private_key_jwt, in PEM
    #[arg(long, value_name = "FILE", help_heading = "Client", conflicts_with = "client_secret_file")]
    pub client_key_file: Option<PathBuf>,
    /// The kid under which the provider knows that key
    #[arg(long, value_name = "KID", help_heading = "Client", requires = "client_key_file")]
    pub client_key_id: Option<String>,
    /// The algorithm that it signs with [default: RS256, ES256, ES384 or EdDSA, by the key]
    #[arg(long, value_name = "ALG", help_heading = "Client", requires = "client_key_file")]
    pub client_key_alg: Option<String>,
    /// How many variants of the redirect URI are tried
    #[arg(long, value_enum, default_value_t = DepthArg::Quick, help_heading = "Client")]
    pub depth: DepthArg,
    /// Log in as a test user
    ///
    /// `form` takes OIDCHECK_USERNAME, OIDCHECK_PASSWORD and, for one-time codes, OIDCHECK_TOTP_SECRET, or files named
    /// by the same with _FILE. `paste`, `browser` and `device` need none of them.
    #[arg(long, value_enum, value_name = "HOW", help_heading = "Client")]
    pub login: Option<LoginArg>,
    /// After the login, try what an attacker would (used codes and refresh tokens once more, a forged logout), and what
    /// is left of tokens that are revoked
    ///
    /// It ends the tokens and the session of that login, at the provider too. --dry-run shows every request.
    #[arg(long, requires = "login", help_heading = "Client")]
    pub abuse: bool,
    /// After the login, log in at the application at --app-url itself and see whether it lets the user in, with
    /// --login form
    ///
    /// It opens a real session there and closes it where that can be done. The application is asked once more for its
    /// authorization request.
    #[arg(long, requires_all = ["login", "app_url"], help_heading = "Client")]
    pub through_app: bool,
    /// Log in as this test user and not as that of OIDCHECK_USERNAME (repeatable), with --login form: takes
    /// OIDCHECK_NAME_USERNAME, OIDCHECK_NAME_PASSWORD and OIDCHECK_NAME_TOTP_SECRET, where NAME is in capitals
    #[arg(long = "persona", value_name = "NAME", help_heading = "Client")]
    pub personas: Vec<String>,
    /// How long somebody may take to log in with --login browser or device
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=3600), help_heading = "Client")]
    pub login_wait: u64,
    /// How far to go [default: as far as the given inputs allow]
    #[arg(long, value_enum)]
    pub tier: Option<TierArg>,
    /// What is judged.
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Where reports go.
    #[command(flatten)]
    pub reports: ReportArgs,
    /// Keep everything that was seen, for `oidcheck replay`
    #[arg(long, value_name = "FILE.har", help_heading = "Reports")]
    pub record: Option<PathBuf>,
    /// Print the requests that would be sent, and send none
    #[arg(long, help_heading = "Network")]
    pub dry_run: bool,
    /// How to reach the provider.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// `oidcheck replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// A recording made by `oidcheck check --record`
    #[arg(value_name = "FILE.har")]
    pub recording: PathBuf,
    /// What is judged.
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Where reports go.
    #[command(flatten)]
    pub reports: ReportArgs,
}

/// What is judged and what counts.
#[derive(Debug, Args)]
#[command(next_help_heading = "Judging")]
pub struct JudgingArgs {
    /// The application: an id, a TOML file, or a pattern such as 'library:*' (repeatable) [default: generic]
    #[arg(long = "profile", value_name = "ID|FILE|GLOB")]
    pub profiles: Vec<String>,
    /// A setting of the application, as its profile names it (repeatable); `oidcheck explain PROFILE` lists them
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
    /// The version of the application [default: the newest that its profile knows]
    #[arg(long, value_name = "V")]
    pub app_version: Option<String>,
    /// The file with which the application maps claims to users and groups, as JSON (Virtuozzo: that of --mapping)
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Findings of this severity and above make the exit code 1
    #[arg(long, value_enum, default_value_t = Threshold::Error)]
    pub threshold: Threshold,
    /// What a check that cannot tell means for the exit code
    #[arg(long, value_enum, default_value_t = Inconclusive::Fail)]
    pub inconclusive: Inconclusive,
}

/// Where reports go and how they look.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reports")]
pub struct ReportArgs {
    /// The report on standard output
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// A further report in a file (repeatable)
    #[arg(short, long = "output", value_name = "FORMAT=FILE")]
    pub outputs: Vec<String>,
    /// Colour on standard output
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

/// How to reach the provider.
#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub struct NetworkArgs {
    /// Trust the certificates in this file as well (repeatable)
    #[arg(long = "ca-file", value_name = "PEM")]
    pub ca_files: Vec<PathBuf>,
    /// Connect to this address for that host and port, as in curl (repeatable)
    #[arg(long, value_name = "HOST:PORT:ADDR")]
    pub resolve: Vec<String>,
    /// Go through this proxy [default: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY; NO_PROXY always holds]
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// Send this User-Agent
    #[arg(long, value_name = "S")]
    pub user_agent: Option<String>,
    /// The limit for one request
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// The limit for the whole run
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86400))]
    pub deadline: u64,
}

/// `oidcheck list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// What to list
    #[arg(value_enum)]
    pub what: ListWhat,
    /// How
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub format: ListFormat,
}

/// `oidcheck explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The id of a check, a profile or a library
    pub id: String,
}

/// `oidcheck inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// A file with a JWT or with the JSON answer of a token endpoint; - reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Fetch the keys of this issuer, and compare its metadata [default: look at the token alone]
    #[arg(long, value_name = "URL", conflicts_with = "jwks")]
    pub issuer: Option<String>,
    /// Take the keys from this file
    #[arg(long, value_name = "FILE")]
    pub jwks: Option<PathBuf>,
    /// The client id that the token should be for
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// An application: an id, a TOML file, or a pattern (repeatable) [default: every application]
    #[arg(long = "profile", value_name = "ID|FILE|GLOB")]
    pub profiles: Vec<String>,
    /// How
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub format: ListFormat,
    /// How to reach the provider.
    #[command(flatten)]
    pub network: NetworkArgs,
}

/// `oidcheck demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Switch a fault on (repeatable); `oidcheck list faults` names them
    #[arg(long = "fault", value_name = "NAME")]
    pub faults: Vec<String>,
    /// What is judged.
    #[command(flatten)]
    pub judging: JudgingArgs,
    /// Where reports go.
    #[command(flatten)]
    pub reports: ReportArgs,
}

/// `oidcheck setup`.
#[derive(Debug, Args)]
pub struct SetupArgs {
    /// The application: an id or a TOML file
    #[arg(long, value_name = "ID|FILE")]
    pub profile: String,
    /// The provider's product; `oidcheck list providers` shows them all
    #[arg(long, value_name = "ID")]
    pub provider: String,
    /// Where the application is reached
    #[arg(long, value_name = "URL")]
    pub app_url: String,
    /// The issuer
    #[arg(long, value_name = "URL")]
    pub issuer: String,
    /// The client id [default: the id of the profile]
    #[arg(long, value_name = "ID")]
    pub client_id: Option<String>,
    /// Take the client's secret from this file instead of making one
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// A setting of the application, as its profile names it (repeatable)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub settings: Vec<String>,
    /// The version of the application [default: the newest that its profile knows]
    #[arg(long, value_name = "V")]
    pub app_version: Option<String>,
    /// How
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub format: ListFormat,
}

/// `oidcheck lint`.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Configuration files of providers and applications, or guides; - is standard input
    ///
    /// Providers: Authelia's configuration, authentik's blueprints (YAML), clients and realms of Keycloak (JSON), Dex'
    /// configuration. Applications: Proxmox' domains.cfg; NetBird's setup.env and management.json; `incus config show`;
    /// the settings of Xen Orchestra's plug-in (JSON); scripts with pveum, proxmox-backup-manager, incus or vinfra;
    /// mapping files of Keystone. Guides: Markdown or plain text with any of these in it. Other files are named as not
    /// known, and nothing in them is looked at.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What the files are [default: recognised by their content]
    #[arg(long = "as", value_name = "KIND")]
    pub kind: Option<String>,
    /// The application, when the file does not tell
    #[arg(long, value_name = "ID|FILE")]
    pub profile: Option<String>,
    /// Where the application is reached, to compare redirect URIs with
    #[arg(long, value_name = "URL")]
    pub app_url: Option<String>,
    /// Findings of this severity and above make the exit code 1
    #[arg(long, value_enum, default_value_t = Threshold::Error)]
    pub threshold: Threshold,
    /// Where reports go.
    #[command(flatten)]
    pub reports: ReportArgs,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListWhat {
    /// Checks
    Checks,
    /// Application profiles
    Profiles,
    /// Client libraries
    Libraries,
    /// Providers that are recognised
    Providers,
    /// Faults of the embedded provider
    Faults,
}

/// How a list looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people
    Human,
    /// For programs
    Json,
}

/// How many variants of a redirect URI are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DepthArg {
    /// The few that decide what an attacker can do
    Quick,
    /// Enough to name the matching rule
    Standard,
    /// All of them, about thirty
    Thorough,
}

impl From<DepthArg> for Depth {
    fn from(depth: DepthArg) -> Depth {
        match depth {
            DepthArg::Quick => Depth::Quick,
            DepthArg::Standard => Depth::Standard,
            DepthArg::Thorough => Depth::Thorough,
        }
    }
}

/// How to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LoginArg {
    /// Fill plain HTML login and consent forms, without a browser
    Form,
    /// Open your browser, and wait for it to come back to a redirect URI on this machine
    Browser,
    /// Show a code to confirm on any device (RFC 8628)
    Device,
    /// Print the address for a browser of your own, and paste the one at which the login ends
    Paste,
}

/// A tier on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TierArg {
    /// Nothing but the issuer URL
    Issuer,
    /// A client id and the application's URL
    Client,
    /// Client credentials
    Secret,
    /// A login
    Login,
}

impl From<TierArg> for Tier {
    fn from(tier: TierArg) -> Tier {
        match tier {
            TierArg::Issuer => Tier::Issuer,
            TierArg::Client => Tier::Client,
            TierArg::Secret => Tier::Secret,
            TierArg::Login => Tier::Login,
        }
    }
}

/// A severity on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Threshold {
    /// Will not work, or is unsafe
    Error,
    /// Works today, fragile
    Warning,
    /// Worth knowing
    Notice,
}

impl From<Threshold> for Severity {
    fn from(threshold: Threshold) -> Severity {
        match threshold {
            Threshold::Error => Severity::Error,
            Threshold::Warning => Severity::Warning,
            Threshold::Notice => Severity::Notice,
        }
    }
}

/// What "cannot tell" means for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Inconclusive {
    /// Exit code 3 when nothing failed
    Fail,
    /// Exit code 0 when nothing failed
    Ok,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
