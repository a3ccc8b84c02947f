using System.IO.Compression;
using System.Text;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.GrainInterfaces.Tasks;
using Orchestrator.Silo.Health.Support;
using Xunit;

namespace Orchestrator.SystemTests.Health;

/// <summary>What is sent to whoever helps: whole, small enough, and without a secret of any kind.</summary>
public sealed class SupportBundleTests
{
    private const string Letters = "aB3dE6gH9jK2mN5pQ8rS1tV4wX7yZ0cF";

    // Put together here, so that no scanner takes this file for a leak.
    private static readonly Dictionary<string, string> Shaped = new(StringComparer.Ordinal)
    {
        ["github"] = "ghp" + "_" + Letters + "aB3d",
        ["anthropic"] =
            "sk-ant" + "-api03-" + Letters + Letters + "aB3dE6gH9jK2mN5pQ8rS1tV4wX7yZAA",
        ["aws"] = "AKIA" + "Q7XWZ2K4M6P8R1T3",
        ["slack"] = "xoxb" + "-123456789012-1234567890123-" + Letters[..24],
        ["jwt"] =
            "eyJhbGciOiJIUzI1NiJ9"
            + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0."
            + "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        ["in an address"] = "hunter2" + "-of-the-database",
        ["assigned"] = "correct-horse" + "-battery-9",
        ["pem"] = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
    };

    private static readonly string Text = string.Join(
        "\n",
        $"push with {Shaped["github"]} now",
        $"ANTHROPIC_API_KEY={Shaped["anthropic"]}",
        $"aws_access_key_id = {Shaped["aws"]}",
        $"slack says {Shaped["slack"]}",
        $"Authorization: Bearer {Shaped["jwt"]}",
        $"postgres://app:{Shaped["in an address"]}@db.example/shop",
        $"password: \"{Shaped["assigned"]}\"",
        $"-----BEGIN PRIVATE KEY-----\n{Shaped["pem"]}\n-----END PRIVATE KEY-----"
    );

    // Known by no shape: only because they are settings.
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["Runner:ClaudeCode:Environment:COMPANY_PROXY"] = "plain words of the proxy 1",
        ["Webhooks:Inbound:GitHub:Secret"] = "plain words of the door 2",
        ["Tickets:Linear:Token"] = "plain-words-of-linear-3",
        ["GitHub:Token"] = "plain-words-of-github-4",
        ["Webhooks:Outbound:ops:Url"] = "https://127.0.0.1:9/services/plain-words-of-a-hook-5",
        ["Kestrel:Certificates:Default:Password"] = "plain words of the certificate 6",
    };

    [Fact]
    public async Task No_secret_of_logs_settings_or_facts_is_anywhere_in_the_archive()
    {
        var whsec = "whsec_" + Convert.ToBase64String(Encoding.ASCII.GetBytes(Letters));
        await using var silo = await SiloProcess.StartAsync([
            .. Settings.Select(s => $"--{s.Key}={s.Value}"),
            "--Webhooks:Outbound:ops:Secret=" + whsec,
            "--Webhooks:Outbound:ops:AllowPrivate:0=127.0.0.1",
            "--Tickets:Linear:Address=http://127.0.0.1:9",
            "--GitHub:Address=http://127.0.0.1:9",
        ]);
        var task = await silo.Client.SubmitAsync(
            SiloProcess.Scripted("""{"do":"say","text":"x"}""", type: "analyze") with
            {
                Request = "Look at this and say what it is:\n" + Text,
                Context = Text,
            }
        );
        await FactWait.SeenAsync(silo, task.TaskId, f => f is TaskFact.Delivered);
        var token = (
            await silo.Client.CreateTokenAsync(new TokenRequest { Name = "ops", Scopes = ["read"] })
        ).Secret!;
        var every = string.Join("\n", Text, whsec, token, string.Join("\n", Settings.Values));
        var logs = Path.Combine(silo.Data, "logs");
        foreach (var log in (string[])["silo.log", "orchestrator.log", "events.ndjson.1"])
        {
            await File.AppendAllTextAsync(Path.Combine(logs, log), "kept line\n" + every + "\n");
        }
        var file = Path.Combine(SiloProcess.NewFolder(), "bundle.zip");

        var run = await CliProcess.RunAsync(
            silo.Data,
            "support-bundle",
            "--task",
            task.TaskId,
            "--output",
            file
        );

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(file, run.Output.Trim());
        var files = Read(file);
        Assert.Equal(
            [
                "MANIFEST.txt",
                "README.txt",
                "doctor.json",
                "doors.json",
                "gate.json",
                "settings.txt",
                "stats.json",
                "status.json",
                "versions.txt",
            ],
            files
                .Keys.Where(f => !f.Contains('/', StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
        );
        Assert.Contains("kept line", files["logs/silo.log"], StringComparison.Ordinal);
        Assert.Contains("\"submitted\"", files[$"tasks/{task.TaskId}/facts.ndjson"]);
        Assert.Contains("GitHub:Token = (set)", files["settings.txt"], StringComparison.Ordinal);
        Assert.Contains("https://127.0.0.1:9/…", files["settings.txt"], StringComparison.Ordinal);
        foreach (
            var (name, secret) in Shaped
                .Concat(Settings.Where(s => !s.Key.EndsWith("Url", StringComparison.Ordinal)))
                .Append(new("hook", "plain-words-of-a-hook-5"))
                .Append(new("endpoint", whsec[6..]))
                .Append(new("token", token))
        )
        {
            foreach (var (path, text) in files)
            {
                Assert.False(
                    text.Contains(secret, StringComparison.Ordinal),
                    $"{name} is in {path}"
                );
            }
        }
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(file)
            );
        }
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file)!));

        var again = await CliProcess.RunAsync(silo.Data, "support-bundle", "--output", file);
        Assert.NotEqual(0, again.ExitCode);
        Assert.Single(Directory.GetFiles(Path.GetDirectoryName(file)!));
    }

    [Fact]
    public async Task Without_a_server_a_long_log_is_cut_at_a_line_and_the_archive_is_there_all_the_same()
    {
        await using var bed = DoctorBed.Make();
        var line = new string('a', 99) + "\n";
        await File.WriteAllTextAsync(
            Path.Combine(bed.Data, "logs", "silo.log"),
            string.Concat(Enumerable.Repeat(line, BundleArchive.FileBytesMax / 100 * 2)) + "end\n"
        );
        var file = Path.Combine(SiloProcess.NewFolder(), "bundle.zip");

        var run = await CliProcess.RunAsync(
            bed.Data,
            "support-bundle",
            "--output",
            file,
            "--task",
            "t1"
        );

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("facts of tasks are left out", run.Error, StringComparison.Ordinal);
        var files = Read(file);
        Assert.InRange(files["logs/silo.log"].Length, 1_000_000, BundleArchive.FileBytesMax);
        Assert.StartsWith(line, files["logs/silo.log"], StringComparison.Ordinal);
        Assert.EndsWith("end\n", files["logs/silo.log"], StringComparison.Ordinal);
        Assert.Contains("logs/silo.log  (cut)", files["MANIFEST.txt"], StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(bed.Data, "journal.db")));
    }

    private static Dictionary<string, string> Read(string file)
    {
        using var zip = ZipFile.OpenRead(file);
        return zip.Entries.ToDictionary(
            e => e.FullName,
            e =>
            {
                using var reader = new StreamReader(e.Open());
                return reader.ReadToEnd();
            },
            StringComparer.Ordinal
        );
    }
}
