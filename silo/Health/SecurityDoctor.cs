using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Npgsql;
using Orchestrator.Decisions.Doors;
using Orchestrator.Decisions.Settings;
using Orchestrator.Decisions.Webhooks;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Cluster;
using Orchestrator.Silo.Cluster.Tls;
using Orchestrator.Silo.Health.Probes;
using Orchestrator.Silo.Intake;
using Orchestrator.Silo.Mediation;
using Orchestrator.Silo.Policy;
using Orchestrator.Silo.Runners;
using Orchestrator.Silo.Runners.Processes;
using Orchestrator.Silo.Runners.Sandbox;
using Orchestrator.Silo.Storage;
using Orchestrator.Silo.Webhooks;

namespace Orchestrator.Silo.Health;

/// <summary>Lists every door of the running configuration: what listens, who gets in, what lies open. It changes nothing.</summary>
internal sealed partial class SecurityDoctor(
    IServiceProvider services,
    IConfiguration configuration
)
{
    /// <summary>Every door, each with what was seen.</summary>
    public async Task<DoctorReport> CheckAsync(CancellationToken cancellationToken)
    {
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var data = services.GetRequiredService<SiloDiscoveryFile>().DataDirectory;
        var addresses = Addresses();
        List<DoctorCheck> checks =
        [
            .. addresses.Select(a =>
                DoorChecks.Address(a.ToString().TrimEnd('/'), IsTls(a), IsLoopback(a))
            ),
            DoorChecks.Names(AllowedHosts(), addresses.All(IsLoopback)),
        ];
        if (addresses.Any(IsTls) && CertificateProbe.Http(configuration, now) is { } certificate)
        {
            checks.Add(certificate);
        }
        checks.Add(Endpoints());
        checks.AddRange(Limits());
        checks.Add(
            new DoctorCheck(
                "token local",
                "ok",
                $"in {SiloDiscoveryFile.Name}, may do everything, new at each start, without limits",
                ""
            )
        );
        checks.AddRange(
            (await services.GetRequiredService<ITokenStore>().ListAsync(cancellationToken))
                .Select(t => DoorChecks.Token(t, now))
                .OfType<DoctorCheck>()
        );
        checks.AddRange(Cluster(now));
        checks.AddRange(Files(data));
        checks.AddRange(Agents());
        checks.Add(Intake(data));
        checks.Add(Mediator());
        checks.Add(Inbound());
        checks.AddRange(Outbound());
        checks.AddRange(await ChatsAsync(now, cancellationToken));
        checks.Add(
            new DoctorCheck(
                "browsers",
                "ok",
                $"/login takes a token for a cookie of {Options<ApiOptions>().SessionTimeMax}; it ends with its token",
                ""
            )
        );
        checks.Add(
            new DoctorCheck("dashboard", "ok", "/dashboard: scope operate, without the log", "")
        );
        return new DoctorReport(checks);
    }

    private T Options<T>()
        where T : class => services.GetRequiredService<IOptions<T>>().Value;

    private List<Uri> Addresses() =>
        [
            .. (
                services
                    .GetRequiredService<IServer>()
                    .Features.Get<IServerAddressesFeature>()
                    ?.Addresses
                ?? []
            ).Select(a => new Uri(
                // Kestrel's words for "every address".
                a.Replace("://+", "://0.0.0.0", StringComparison.Ordinal)
                    .Replace("://*", "://0.0.0.0", StringComparison.Ordinal)
            )),
        ];

    private static bool IsTls(Uri address) => address.Scheme == Uri.UriSchemeHttps;

    private static bool IsLoopback(Uri address) => IsLoopback(address.Host);

    private static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    private string[] AllowedHosts() =>
        (configuration["AllowedHosts"] ?? "").Split(
            ';',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );

    private DoctorCheck Inbound()
    {
        var inbound = Options<WebhookOptions>().Inbound;
        var open = InboundSource.All.Where(s => inbound.Of(s.Name).All().Count > 0).ToList();
        var changing = open.Where(s => inbound.Of(s.Name).All().Count > 1).ToList();
        return open.Count == 0 ? DoorChecks.Closed("webhooks in")
            : changing.Count == 0
                ? DoorChecks.BySignature(
                    "webhooks in",
                    string.Join(", ", open.Select(s => "/webhooks/" + s.Name))
                )
            : DoorChecks.TwoSecrets("webhooks in", string.Join(", ", changing.Select(s => s.Name)));
    }

    private IEnumerable<DoctorCheck> Outbound() =>
        Options<WebhookOptions>()
            .Outbound.Where(o => o.Value.Url.Length > 0)
            .Select(o =>
                DoorChecks.Endpoint(
                    $"webhooks out {o.Key}",
                    new Uri(o.Value.Url),
                    o.Value.AllowPrivate
                )
            );

    private DoctorCheck Endpoints()
    {
        var routes = services
            .GetServices<EndpointDataSource>()
            .SelectMany(s => s.Endpoints)
            .OfType<RouteEndpoint>()
            .ToList();
        return DoorChecks.Endpoints([.. Paths(routes, ScopeNeeded.Open)], [.. Paths(routes, null)]);

        static IEnumerable<string> Paths(IEnumerable<RouteEndpoint> routes, string? scope) =>
            routes
                .Where(r => r.Metadata.GetMetadata<ScopeNeeded>()?.Scope == scope)
                .Select(r => r.RoutePattern.RawText ?? "?")
                .Distinct()
                .Order(StringComparer.Ordinal);
    }

    private IEnumerable<DoctorCheck> Limits()
    {
        var api = Options<ApiOptions>();
        yield return DoorChecks.Limit(
            "request limit",
            "Api:RequestsPerMinute",
            api.RequestsPerMinute
        );
        yield return DoorChecks.Limit("stream limit", "Api:StreamsMax", api.StreamsMax);
        yield return DoorChecks.Limit(
            "wrong tokens",
            "Api:FailedLoginsPerMinute",
            api.FailedLoginsPerMinute
        );
    }

    private IEnumerable<DoctorCheck> Cluster(DateTimeOffset now)
    {
        var cluster = configuration.GetSection("Cluster").Get<ClusterStoreOptions>() ?? new();
        yield return DoorChecks.BetweenSilos(
            cluster.IsShared(),
            cluster.Tls.IsOn(),
            IsLoopback(cluster.Address)
        );
        if (services.GetService<SiloCertificates>() is { } certificates)
        {
            yield return DoorChecks.Certificate(
                "silo certificate",
                certificates.Current().EndsAt,
                now
            );
        }
        if (cluster.IsShared())
        {
            var parts = new NpgsqlConnectionStringBuilder(cluster.ConnectionString);
            yield return DoorChecks.Database(
                (parts.Host ?? "").Split(',').All(h => h.StartsWith('/') || IsLoopback(Host(h))),
                parts.SslMode.ToString().ToLowerInvariant()
            );
        }

        // 'name:port' in a list of servers; an address of IPv6 has more colons than one.
        static string Host(string entry) => entry.Split(':') is [var name, _] ? name : entry.Trim();
    }

    private static IEnumerable<DoctorCheck> Files(string data)
    {
        var folder = OthersAccess.Of(data);
        yield return DoorChecks.Access("data directory", data, folder, false, secret: false);
        foreach (
            var (file, secret) in ((string, bool)[])
                [
                    (SiloDiscoveryFile.Name, true),
                    (EnvText.FileName, true),
                    ("appsettings.json", true),
                    ("journal.db", false),
                    ("orleans.db", false),
                    ("results", false),
                    ("logs", false),
                    ("claude", true),
                ]
        )
        {
            var path = Path.Combine(data, file);
            if (Path.Exists(path))
            {
                yield return DoorChecks.Access(
                    "access " + file,
                    path,
                    OthersAccess.Of(path),
                    folder.Length == 0,
                    secret
                );
            }
        }
    }

    private IEnumerable<DoctorCheck> Agents()
    {
        var workspace = Options<WorkspaceOptions>();
        yield return DoorChecks.Roots(
            workspace.AllowedRoots.Count > 0 ? workspace.AllowedRoots
            : workspace.Base.Length > 0 ? [workspace.Base]
            : []
        );
        var sandbox = services.GetRequiredService<SandboxHost>();
        yield return DoorChecks.Sandbox(
            sandbox.Kind,
            sandbox.Problem,
            !OperatingSystem.IsLinux()
                || services.GetRequiredService<ProcessGroupStarter>().Contains
        );
        var agent = Options<RunnerOptions>().ClaudeCode;
        string[] passed =
        [
            .. ((string[])["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"]).Where(n =>
                Environment.GetEnvironmentVariable(n) is { Length: > 0 }
            ),
        ];
        yield return DoorChecks.AgentVariables([.. passed.Union(agent.Environment.Keys)]);
        yield return DoorChecks.AgentCommands(agent.AllowedCommands);
    }

    private DoctorCheck Intake(string data)
    {
        var folder = Path.Combine(data, "tasks");
        // A folder that others cannot get to is as closed as the one that holds it.
        return DoorChecks.TaskFiles(
            Options<IntakeOptions>().Watch,
            folder,
            OthersAccess.Of(data).Length == 0 ? "" : OthersAccess.Of(folder, writing: true)
        );
    }

    private DoctorCheck Mediator()
    {
        var text = Options<MediatorOptions>().Endpoint;
        return Uri.TryCreate(text, UriKind.Absolute, out var address)
            ? DoorChecks.Mediator(
                // Without user and password, if it has them.
                address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped),
                !IsTls(address) && !IsLoopback(address)
            )
            : DoorChecks.Mediator("", open: false);
    }
}
