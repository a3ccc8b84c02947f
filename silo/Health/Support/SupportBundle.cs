using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Decisions.Redaction;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Grains.Storage;
using Orchestrator.Silo.Api;
using Orchestrator.Silo.Settings;
using Orchestrator.Silo.Storage;

namespace Orchestrator.Silo.Health.Support;

/// <summary>One archive for whoever helps: logs, settings, doctor, versions and the facts of named tasks, without secrets.</summary>
internal sealed class SupportBundle(
    IServiceProvider services,
    IConfiguration configuration,
    SettingsData data,
    SiloDiscoveryFile discovery,
    Doctor doctor
)
{
    /// <summary>Most tasks whose facts go in.</summary>
    public const int TasksMax = 20;

    private const int LiteralMin = 8;
    private const int FactsMax = 5_000;
    private const int PageMax = 500;
    private const int RotatedMax = 3;

    private const string Words = """
        A support bundle of Orchestrator. It was redacted: settings that hold secrets say "(set)", and what looks like a
        secret, or is one of the settings, was replaced everywhere. Names of people, hosts, paths, repositories and the
        words of requests are in it: look before you send it. MANIFEST.txt lists the files; "(cut)" means that the beginning
        of a log, or the end of anything else, was left out.

        """;

    /// <summary>Writes it.</summary>
    /// <param name="output">Gets a zip.</param>
    /// <param name="tasks">Ids, at most <see cref="TasksMax"/>.</param>
    /// <param name="live">False when nothing was started: then without what only a running server knows.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task WriteAsync(
        Stream output,
        IReadOnlyList<string> tasks,
        bool live,
        CancellationToken cancellationToken
    )
    {
        using var archive = new BundleArchive(output, new Redactor(Secrets()));
        archive.Add("README.txt", Words);
        archive.Add("versions.txt", Versions());
        archive.Add("settings.txt", Settings());
        archive.Add(
            "doctor.json",
            Text(
                await doctor.CheckAsync(new DoctorVisit(live, TryLogin: false), cancellationToken),
                OrchestratorJson.Default.DoctorReport
            )
        );
        if (live)
        {
            await AddServerAsync(archive, cancellationToken);
            foreach (var id in tasks)
            {
                await AddTaskAsync(archive, id, cancellationToken);
            }
        }
        foreach (var log in (string[])["silo.log", "orchestrator.log", "metrics.json"])
        {
            archive.AddTail("logs/" + log, Path.Combine(data.Directory, "logs", log));
        }
        for (var i = 0; i <= RotatedMax; i++)
        {
            var name = "events.ndjson" + (i == 0 ? "" : "." + i);
            archive.AddTail("logs/" + name, Path.Combine(data.Directory, "logs", name));
        }
    }

    private async Task AddServerAsync(BundleArchive archive, CancellationToken token)
    {
        archive.Add(
            "doors.json",
            Text(
                await services.GetRequiredService<SecurityDoctor>().CheckAsync(token),
                OrchestratorJson.Default.DoctorReport
            )
        );
        archive.Add(
            "status.json",
            Text(
                await services.GetRequiredService<ServerStatus>().ReadAsync(token),
                OrchestratorJson.Default.StatusReport
            )
        );
        archive.Add(
            "stats.json",
            Text(
                await services.GetRequiredService<IStatsStore>().ReadAsync(token),
                OrchestratorJson.Default.StatsReport
            )
        );
        archive.Add(
            "gate.json",
            Text(
                await services.GetRequiredService<HealthGate>().CheckAsync(token),
                OrchestratorJson.Default.GateReport
            )
        );
    }

    private async Task AddTaskAsync(BundleArchive archive, string id, CancellationToken token)
    {
        var journal = services.GetRequiredService<IJournal>();
        var text = new StringBuilder();
        long after = 0;
        for (var n = 0; n < FactsMax && text.Length < BundleArchive.FileBytesMax; )
        {
            var page = await journal.ReadTaskAsync(id, after, PageMax, token);
            foreach (var entry in page)
            {
                text.Append(JsonSerializer.Serialize(entry, OrchestratorJson.Compact.JournalEntry))
                    .Append('\n');
                after = entry.Sequence;
            }
            n += page.Count;
            if (page.Count < PageMax)
            {
                break;
            }
        }
        archive.Add($"tasks/{id}/facts.ndjson", text.ToString());
    }

    // Whatever is secret by its name, of every source of settings: the environment too.
    private List<string> Secrets() =>
        [
            .. configuration
                .AsEnumerable()
                .Where(e => e.Value is { Length: >= LiteralMin } && SettingSecrets.IsSecret(e.Key))
                .Select(e => e.Value!),
            .. configuration
                .AsEnumerable()
                .Select(e => e.Value)
                .Where(v => v?.Contains("://", StringComparison.Ordinal) == true)
                .Select(v => Uri.TryCreate(v, UriKind.Absolute, out var uri) ? uri : null)
                .SelectMany(u => u is null ? [] : new[] { u.UserInfo, u.PathAndQuery })
                .Where(p => p.Length >= 2 * LiteralMin),
            ClusterStoreOptions.PasswordOf(configuration[ClusterStoreOptions.Key]),
            discovery.Token,
        ];

    private string Settings()
    {
        var text = new StringBuilder();
        foreach (
            var (key, value) in SettingsCatalog
                .Sections.Select(s => s.Section.Split(':')[0])
                .Concat(SettingsCatalog.Foreign)
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .SelectMany(s => configuration.GetSection(s).AsEnumerable())
                .Where(e => e.Value is not null)
                .OrderBy(e => e.Key, StringComparer.OrdinalIgnoreCase)
        )
        {
            text.Append(key).Append(" = ").Append(SettingSecrets.Shown(key, value!)).Append('\n');
        }
        return text.ToString();
    }

    private string Versions() =>
        $"""
            orchestrator {SiloDiscoveryFile.Version}
            runtime {RuntimeInformation.FrameworkDescription}
            system {RuntimeInformation.OSDescription} {RuntimeInformation.ProcessArchitecture}
            processors {Environment.ProcessorCount}
            data {data.Directory}

            """;

    private static string Text<T>(T value, JsonTypeInfo<T> type) =>
        JsonSerializer.Serialize(value, type);
}
