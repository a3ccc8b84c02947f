using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Data.Sqlite;
using Orchestrator.SystemTests.Cluster;

namespace Orchestrator.SystemTests.Health;

#pragma warning disable CA2000 // the bed lets them go

/// <summary>One thing that is broken, and what the doctor must say of it.</summary>
/// <param name="Break">Breaks it.</param>
/// <param name="Line">The line that must tell.</param>
/// <param name="Level"><c>warn</c> or <c>fail</c>.</param>
/// <param name="Cure">A part of the cure.</param>
internal sealed record Fault(Func<DoctorBed, Task> Break, string Line, string Level, string Cure)
{
    /// <summary>A fault that is made at once.</summary>
    public Fault(Action<DoctorBed> act, string line, string level, string cure)
        : this(
            bed =>
            {
                act(bed);
                return Task.CompletedTask;
            },
            line,
            level,
            cure
        ) { }
}

/// <summary>The table of faults.</summary>
internal static class DoctorFaults
{
    private const string Nowhere = "http://127.0.0.1:9";

    /// <summary>By name.</summary>
    public static IReadOnlyDictionary<string, Fault> All { get; } =
        new Dictionary<string, Fault>(StringComparer.Ordinal)
        {
            ["read-only folder"] = new(ReadOnlyAsync, "directory results", "fail", "writable"),
            ["full disk"] = new(FullAsync, "directory logs", "fail", "Free some space"),
            ["a file where a folder belongs"] = new(
                b =>
                {
                    Directory.Delete(Path.Combine(b.Data, "summaries"));
                    File.WriteAllText(Path.Combine(b.Data, "summaries"), "");
                },
                "directory summaries",
                "fail",
                "Move it away"
            ),
            ["less disk than a run needs"] = new(
                b => b.Set("Runner:DiskFreeMinMiB", "1048576"),
                "disk",
                "fail",
                "clean artifacts"
            ),
            ["a newer schema"] = new(
                b => Schema(b, 999),
                "database schema",
                "fail",
                "newer release"
            ),
            ["an older schema"] = new(b => Schema(b, 1), "database schema", "warn", "backup"),
            ["a database that is none"] = new(
                b => File.WriteAllText(Path.Combine(b.Data, "journal.db"), new string('x', 8192)),
                "database integrity",
                "fail",
                "restore a backup"
            ),
            ["PostgreSQL is down"] = new(
                b =>
                    b.Set(
                        "Cluster:ConnectionString",
                        "Host=127.0.0.1;Port=9;Database=x;Username=x"
                    ),
                "database",
                "fail",
                "Cluster:ConnectionString"
            ),
            ["the port is taken"] = new(PortTaken, "address", "fail", "--urls"),
            ["a repository is missing"] = new(
                b => b.Set("Runner:Repositories:shop", "/srv/is-not-there"),
                "repository shop",
                "warn",
                "Clone it there"
            ),
            ["a repository is none"] = new(
                b => b.Set("Runner:Repositories:shop", SiloProcess.NewFolder()),
                "repository shop",
                "warn",
                "top folder of a clone"
            ),
            ["an allowed root is missing"] = new(
                b => b.Set("Workspace:AllowedRoots:0", "/srv/is-not-there"),
                "settings",
                "fail",
                ".env"
            ),
            ["a key is unknown"] = new(
                b => b.Set("Runner:Slotz", "3"),
                "settings",
                "fail",
                ".env.example"
            ),
            ["the agent's program is missing"] = new(
                b => b.Set("Runner:ClaudeCode:Executable", "/srv/is-not-there/claude"),
                "runner claude-code",
                "warn",
                "Runner:ClaudeCode:Executable"
            ),
            ["the agent's install is unfinished"] = new(
                b =>
                {
                    var stub = Path.Combine(SiloProcess.NewFolder(), "claude");
                    File.WriteAllText(stub, "#!/bin/sh\n");
                    b.Set("Runner:ClaudeCode:Executable", stub);
                },
                "runner claude-code",
                "warn",
                "--ignore-scripts"
            ),
            ["another version of the agent"] = new(
                b => b.Agent("echo '9.9.9 (Claude Code)'"),
                "agent version",
                "warn",
                "npm install -g"
            ),
            ["the agent's program does not run"] = new(
                b => b.Agent("exit 127"),
                "agent version",
                "warn",
                "Install it again"
            ),
            ["nobody signed the agent in"] = new(
                b => b.Settings.RemoveAll(s => s.Contains("ANTHROPIC", StringComparison.Ordinal)),
                "agent login",
                "warn",
                "ANTHROPIC_API_KEY"
            ),
            ["the agent's key is refused"] = new(
                b => Played(b, "auth"),
                "agent login",
                "fail",
                "ANTHROPIC_API_KEY"
            ),
            ["Ollama is down"] = new(
                b => b.Set("Mediator:Endpoint", Nowhere),
                "mediator",
                "warn",
                "ollama serve"
            ),
            ["the model is missing"] = new(
                async b =>
                    b.Set(
                        "Mediator:Endpoint",
                        (await b.HostAsync(200, """{"models":[]}""")).ToString()
                    ),
                "mediator",
                "warn",
                "ollama pull"
            ),
            ["the bot's token is revoked"] = new(
                async b =>
                    Bot(
                        b,
                        await b.HostAsync(
                            401,
                            """{"ok":false,"error_code":401,"description":"Unauthorized"}"""
                        )
                    ),
                "telegram",
                "fail",
                "Telegram:Token"
            ),
            ["Telegram is not reachable"] = new(
                b => Bot(b, new Uri(Nowhere)),
                "telegram",
                "warn",
                "network"
            ),
            ["GitHub refuses the token"] = new(
                async b =>
                {
                    var host = await b.HostAsync(401, """{"message":"Bad credentials"}""");
                    b.Set("GitHub:Address", host.ToString());
                    b.Set("GitHub:Token", "tok_revoked");
                },
                "github",
                "fail",
                "GitHub:Token"
            ),
            ["GitHub is not reachable"] = new(
                b =>
                {
                    b.Set("GitHub:Address", Nowhere);
                    b.Set("GitHub:Token", "tok_good");
                },
                "github",
                "warn",
                "again"
            ),
            ["Jira refuses the token"] = new(
                async b =>
                {
                    b.Set("Tickets:Jira:Address", (await b.HostAsync(401, "{}")).ToString());
                    b.Set("Tickets:Jira:Token", "tok_revoked");
                },
                "tickets jira",
                "fail",
                "Tickets:Jira:Token"
            ),
            ["Linear is not reachable"] = new(
                b =>
                {
                    b.Set("Tickets:Linear:Address", Nowhere);
                    b.Set("Tickets:Linear:Token", "lin_api_good");
                },
                "tickets linear",
                "warn",
                "Tickets:Linear:Address"
            ),
            ["an endpoint takes no connection"] = new(
                b => Endpoint(b, "https://127.0.0.1:9/hook", "127.0.0.1"),
                "webhooks out ops",
                "warn",
                "Webhooks:Outbound:ops:Url"
            ),
            ["an endpoint is in a private network"] = new(
                b => Endpoint(b, "https://127.0.0.1:9/hook", null),
                "webhooks out ops",
                "fail",
                "AllowPrivate"
            ),
            ["an endpoint's certificate is nobody's"] = new(
                SelfSigned,
                "webhooks out ops",
                "fail",
                "valid certificate"
            ),
            ["the HTTP certificate ended"] = new(
                b => b.Set("Kestrel:Certificates:Default:Path", Ended()),
                "HTTP certificate",
                "fail",
                "renewed"
            ),
            ["the HTTP certificate is gone"] = new(
                b => b.Set("Kestrel:Certificates:Default:Path", "/srv/is-not-there.pem"),
                "HTTP certificate",
                "warn",
                "Put the file back"
            ),
            ["the silo's certificate ended"] = new(
                SiloCertificateEnded,
                "settings",
                "fail",
                "Correct it"
            ),
            ["a sandbox without an image"] = new(
                b => b.Set("Runner:Sandbox", "podman"),
                "sandbox",
                "fail",
                "docs/sandbox.md"
            ),
            ["no containment"] = new(
                b => b.Set("Runner:Contain", "false"),
                "process containment",
                "warn",
                "Install bubblewrap"
            ),
            ["no room for worktrees"] = new(
                b => File.WriteAllText(Path.Combine(b.Data, "tmp"), ""),
                "git worktree",
                "fail",
                "data directory"
            ),
        };

    private static async Task ReadOnlyAsync(DoctorBed bed)
    {
        var disk = bed.Keep(await SmallDisk.MountAsync(1));
        await disk.MakeReadOnlyAsync();
        Directory.Delete(Path.Combine(bed.Data, "results"));
        Directory.CreateSymbolicLink(Path.Combine(bed.Data, "results"), disk.Folder);
    }

    private static async Task FullAsync(DoctorBed bed)
    {
        var disk = bed.Keep(await SmallDisk.MountAsync(1));
        disk.Fill();
        Directory.Delete(Path.Combine(bed.Data, "logs"));
        Directory.CreateSymbolicLink(Path.Combine(bed.Data, "logs"), disk.Folder);
    }

    private static void Schema(DoctorBed bed, int version)
    {
        using var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = Path.Combine(bed.Data, "journal.db"),
                Pooling = false,
            }.ToString()
        );
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            "CREATE TABLE schema_version (version INTEGER NOT NULL, works_from INTEGER); INSERT INTO schema_version VALUES ($v, $v)";
        command.Parameters.AddWithValue("$v", version);
        command.ExecuteNonQuery();
    }

    private static void PortTaken(DoctorBed bed)
    {
#pragma warning disable CA2000 // ended with the bed
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        bed.Keep(new Listening(listener));
        bed.Settings[3] = string.Create(
            CultureInfo.InvariantCulture,
            $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"
        );
    }

    // What the real agent printed once, played by a program that says the tested version.
    private static void Played(DoctorBed bed, string stream)
    {
        var recorded = SourceTree.File("tests", "unit", "Fixtures", "streams", stream + ".jsonl");
        bed.Agent(
            $"[ \"$1\" = --version ] && echo '2.1.330 (Claude Code)' && exit\ncat '{recorded}'\nexit 1"
        );
        bed.TryLogin = true;
    }

    private static void Bot(DoctorBed bed, Uri host)
    {
        bed.Set("Telegram:Token", "123456:TESTTOKEN_abcdefghijklmnopqrstuvwxyz012");
        bed.Set("Telegram:Address", host.ToString());
    }

    private static void Endpoint(DoctorBed bed, string url, string? allowed)
    {
        bed.Set("Webhooks:Outbound:ops:Url", url);
        bed.Set(
            "Webhooks:Outbound:ops:Secret",
            "whsec_" + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))
        );
        if (allowed is not null)
        {
            bed.Set("Webhooks:Outbound:ops:AllowPrivate:0", allowed);
        }
    }

    private static void SelfSigned(DoctorBed bed)
    {
#pragma warning disable CA2000 // ended with the bed
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var listening = bed.Keep(new Listening(listener));
        listening.ServeTls(Certificate(-1, 30));
        Endpoint(
            bed,
            string.Create(
                CultureInfo.InvariantCulture,
                $"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/hook"
            ),
            "127.0.0.1"
        );
    }

    private static string Ended()
    {
        var file = Path.Combine(SiloProcess.NewFolder(), "ended.pem");
        using var certificate = Certificate(-60, -1);
        File.WriteAllText(file, certificate.ExportCertificatePem());
        return file;
    }

    private static void SiloCertificateEnded(DoctorBed bed)
    {
        using var authority = new SiloAuthority("Doctor");
        using var ended = authority.Sign(fromDays: -60, toDays: -1);
        foreach (var argument in authority.Arguments(ended))
        {
            bed.Settings.Add(argument);
        }
        bed.Set("Cluster:ConnectionString", "Host=127.0.0.1;Port=9;Database=x;Username=x");
    }

    private static X509Certificate2 Certificate(int fromDays, int toDays)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(fromDays), now.AddDays(toDays));
    }
}
