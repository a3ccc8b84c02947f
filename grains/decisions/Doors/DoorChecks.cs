using System.Globalization;
using Orchestrator.GrainInterfaces.Api;

namespace Orchestrator.Decisions.Doors;

/// <summary>What is to be thought of each door of a running configuration. Whoever looks hands in what was seen; here it is judged.</summary>
public static partial class DoorChecks
{
    /// <summary>Days before its end from which a certificate or token is told of.</summary>
    public const int EndsSoonDays = 30;

    /// <summary>An address that is listened on.</summary>
    /// <param name="address">As served, such as <c>http://127.0.0.1:5140</c>.</param>
    /// <param name="tls">True with TLS.</param>
    /// <param name="loopback">True when only this machine can reach it.</param>
    public static DoctorCheck Address(string address, bool tls, bool loopback) =>
        (tls, loopback) switch
        {
            (false, true) => Ok("address", $"{address}: this machine only"),
            (true, true) => Ok("address", $"{address}: this machine only, TLS"),
            (true, false) => Ok("address", $"{address}: the network, TLS"),
            _ => Fail(
                "address",
                $"{address}: the network, without TLS: tokens and answers can be read on the way",
                "Serve it as https with a certificate (Kestrel:Certificates:Default), or listen on 127.0.0.1 behind a TLS proxy."
            ),
        };

    /// <summary>Names that the server answers to.</summary>
    /// <param name="allowed">The setting AllowedHosts.</param>
    /// <param name="loopbackOnly">True when every address is a loopback one.</param>
    public static DoctorCheck Names(IReadOnlyList<string> allowed, bool loopbackOnly) =>
        allowed.Contains("*")
            ? Warn(
                "host names",
                "AllowedHosts is '*': a page of any site whose name resolves to this server can ask it",
                "Name the hosts that clients use in AllowedHosts."
            )
        : allowed.Count > 0 ? Ok("host names", $"loopback names and {string.Join(", ", allowed)}")
        : loopbackOnly ? Ok("host names", "loopback names only")
        : Warn(
            "host names",
            "AllowedHosts is empty: at its network address the server answers to any name",
            "Name the hosts that clients use in AllowedHosts."
        );

    /// <summary>A certificate that is served.</summary>
    /// <param name="name">Whose.</param>
    /// <param name="endsAt">UTC.</param>
    /// <param name="now">UTC.</param>
    public static DoctorCheck Certificate(string name, DateTimeOffset endsAt, DateTimeOffset now)
    {
        const string Cure = "Put a renewed one in its place; HTTP takes it at the next start.";
        var left = endsAt - now;
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"it ends at {endsAt:u}, in {left.TotalDays:0} days"
        );
        return left <= TimeSpan.Zero
                ? Fail(
                    name,
                    string.Create(CultureInfo.InvariantCulture, $"it ended at {endsAt:u}"),
                    Cure
                )
            : left < TimeSpan.FromDays(EndsSoonDays) ? Warn(name, message, Cure)
            : Ok(name, message);
    }

    /// <summary>A stored token, or null when it opens nothing any more.</summary>
    public static DoctorCheck? Token(TokenInfo token, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (token.RevokedAt is not null || token.ExpiresAt <= now)
        {
            return null;
        }
        var end = token.ExpiresAt is { } at
            ? string.Create(CultureInfo.InvariantCulture, $"ends {at:u}")
            : "never ends";
        var message = $"{token.Id}: {string.Join(", ", token.Scopes)}; {end}";
        return token.ExpiresAt is null && token.Scopes.Any(s => s is "admin" or "audit")
            ? Warn(
                "token " + token.Name,
                message,
                $"'orchestrator token create {token.Name} --expires 30d --scope {string.Join(' ', token.Scopes)}', hand it over, then 'orchestrator token revoke {token.Id}'."
            )
            : Ok("token " + token.Name, message);
    }

    /// <summary>What silos say to each other.</summary>
    /// <param name="shared">True when silos share a database; else one is alone, and listens on loopback all the same.</param>
    /// <param name="tls">True with mutual TLS.</param>
    /// <param name="loopback">True when the silo's port is reached from this machine only.</param>
    public static DoctorCheck BetweenSilos(bool shared, bool tls, bool loopback)
    {
        const string Name = "between silos";
        return tls ? Ok(Name, "mutual TLS")
            : !shared
                ? Warn(
                    Name,
                    "one silo, whose port is on loopback without TLS: a program of any user of this machine can act as a silo",
                    "Let only users whom you trust log on to this machine; with PostgreSQL, set Cluster:Tls."
                )
            : Warn(
                Name,
                loopback
                    ? "plain text on loopback: a program of any user of this machine can act as a silo"
                    : "plain text over the network: whoever reaches the port can act as a silo",
                "Set Cluster:Tls:Certificate, :Key and :Authority on every silo."
            );
    }

    /// <summary>The way to the database of a cluster.</summary>
    /// <param name="loopback">True when it is on this machine.</param>
    /// <param name="mode">The connection string's SSL Mode, in lower case.</param>
    public static DoctorCheck Database(bool loopback, string mode)
    {
        const string Name = "database connection";
        return mode is "verifyfull" ? Ok(Name, "TLS, the server's name is verified")
            : loopback ? Ok(Name, "this machine")
            : Warn(
                Name,
                mode is "require" or "verifyca"
                    ? $"TLS (SSL Mode={mode}), but the server's name is not verified"
                    : $"SSL Mode={mode}: it may be plain text",
                "Add SSL Mode=VerifyFull;Root Certificate=FILE to Cluster:ConnectionString."
            );
    }

    /// <summary>Who but the owner may open a file or folder.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="others">Whom its own access rights let in, in words; empty = nobody but the owner, the administrators and the system.</param>
    /// <param name="closedAbove">True when a folder above lets nobody else through.</param>
    /// <param name="secret">True when it holds keys or tokens.</param>
    public static DoctorCheck Access(
        string name,
        string path,
        string others,
        bool closedAbove,
        bool secret
    ) =>
        others.Length == 0 ? Ok(name, $"{path}: its owner only")
        : closedAbove ? Ok(name, $"{path}: {others}, but its folder lets nobody else through")
        : secret
            ? Fail(
                name,
                $"{path}: {others}",
                "Take others' access away (chmod go= FILE; icacls FILE /inheritance:r), and change the keys in it."
            )
        : Warn(
            name,
            $"{path}: {others}",
            "Take others' access away: chmod go= PATH, or icacls PATH /inheritance:r /grant:r USER:(OI)(CI)F."
        );

    /// <summary>Folders that repositories may lie in.</summary>
    public static DoctorCheck Roots(IReadOnlyList<string> roots) =>
        roots.Count > 0
            ? Ok("repositories", "below " + string.Join(", ", roots))
            : Warn(
                "repositories",
                "anywhere that the server's user can read: who may submit may have any repository read",
                "Name the folders in Workspace:AllowedRoots."
            );

    /// <summary>What holds an agent.</summary>
    /// <param name="kind">The sandbox that is set: <c>none</c>, <c>bubblewrap</c> …</param>
    /// <param name="problem">Why it does not work; empty when it does.</param>
    /// <param name="contained">Without one: true when its process tree is held by the operating system.</param>
    public static DoctorCheck Sandbox(string kind, string problem, bool contained) =>
        problem.Length > 0
            ? Fail(
                "sandbox",
                $"{kind} is set and does not work: {problem}",
                "Mend that, or set Runner:Sandbox to none; every run is refused until then."
            )
        : kind != "none" ? Ok("sandbox", $"{kind}: files, processes and network are held")
        : Warn(
            "sandbox",
            (contained ? "its processes are held" : "its processes are only marked")
                + "; files and network are not: an agent, and what it is let run, can do what the server's user can",
            "Set Runner:Sandbox (docs/sandbox.md), or run the server as a user of its own that can reach nothing else; Workspace:AllowedRoots and the agent's rules are no wall."
        );

    /// <summary>Variables that agents are given.</summary>
    /// <param name="names">Names alone; values are nobody's business.</param>
    public static DoctorCheck AgentVariables(IReadOnlyList<string> names) =>
        names.FirstOrDefault(IsForeignKey) is { } key
            ? Warn(
                "agent environment",
                string.Join(", ", names),
                $"{key} looks like a key that is not the agent's: it can be read by whatever the agent runs. Remove it from Runner:ClaudeCode:Environment."
            )
            : Ok(
                "agent environment",
                names.Count > 0 ? string.Join(", ", names) : "nothing of the server's"
            );

    /// <summary>Commands that agents may run.</summary>
    public static DoctorCheck AgentCommands(IReadOnlyList<string> commands) =>
        Ok(
            "agent commands",
            commands.Count > 0
                ? string.Join("; ", commands)
                    + " (each is as trusted as what it can be made to run)"
                : "none but those that read"
        );

    /// <summary>The local model's server.</summary>
    /// <param name="endpoint">Its address without user and password; empty = none.</param>
    /// <param name="open">True when requests go to another machine without TLS.</param>
    public static DoctorCheck Mediator(string endpoint, bool open) =>
        endpoint.Length == 0 ? Ok("mediator", "no model is asked")
        : open
            ? Warn(
                "mediator",
                $"{endpoint}: requests go to another machine without TLS",
                "Use https, or a model on this machine (Mediator:Endpoint)."
            )
        : Ok("mediator", endpoint);

    /// <summary>A limit of one caller.</summary>
    /// <param name="name">What it limits.</param>
    /// <param name="key">Its setting.</param>
    /// <param name="value">0 = none.</param>
    public static DoctorCheck Limit(string name, string key, int value) =>
        value > 0
            ? Ok(name, string.Create(CultureInfo.InvariantCulture, $"{key} = {value:N0}"))
            : Warn(name, $"{key} = 0: no limit", $"Set {key}, or remove it for its default.");

    /// <summary>The folder that takes task files.</summary>
    /// <param name="watched">False: nothing is taken.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="writers">Who but the owner may write there, in words; empty = nobody.</param>
    public static DoctorCheck TaskFiles(bool watched, string path, string writers) =>
        !watched ? Ok("task files", "the folder is not watched")
        : writers.Length == 0 ? Ok("task files", $"{path}: its owner only")
        : Fail(
            "task files",
            $"{path}: {writers}: whoever may write there may submit, without a token",
            "Take others' right to write away, or set Intake:Watch=false."
        );

    /// <summary>Endpoints that need no token.</summary>
    /// <param name="open">Those that say so.</param>
    /// <param name="undeclared">Those that declare no scope: they ask for admin.</param>
    public static DoctorCheck Endpoints(
        IReadOnlyList<string> open,
        IReadOnlyList<string> undeclared
    ) =>
        undeclared.Count > 0
            ? Fail(
                "endpoints",
                $"{string.Join(", ", undeclared)} declare no scope",
                "This is a defect of the product: report it."
            )
            : Ok("endpoints", $"without a token: {string.Join(", ", open)}");

    private static DoctorCheck Ok(string name, string message) => new(name, "ok", message, "");

    private static DoctorCheck Warn(string name, string message, string cure) =>
        new(name, "warn", message, cure);

    private static DoctorCheck Fail(string name, string message, string cure) =>
        new(name, "fail", message, cure);

    // The agent's own ways to sign in are what the variables are for.
    private static bool IsForeignKey(string name) =>
        !name.StartsWith("ANTHROPIC_", StringComparison.OrdinalIgnoreCase)
        && !name.StartsWith("CLAUDE_", StringComparison.OrdinalIgnoreCase)
        && ((string[])["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL"]).Any(w =>
            name.Contains(w, StringComparison.OrdinalIgnoreCase)
        );
}
