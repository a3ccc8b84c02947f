using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Orchestrator.Decisions.Settings;
using Orchestrator.Silo;
using Orchestrator.Silo.Settings;
using Xunit;

namespace Orchestrator.SystemTests.Settings;

public sealed class SettingsTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static readonly string[] RefusedAlways = ["TASK_TIMEOUT", "VALIDATION_"];

    [Fact]
    public void D41_Every_documented_setting_is_read_and_every_read_setting_is_documented()
    {
        var documented = Documented();
        var keys = documented.Keys.Select(k => k.Replace("__", ":")).ToList();

        Assert.All(
            keys.Where(k => k.Contains(':')),
            k => Assert.True(SettingsCatalog.Find(k) is not null, $"{k} is documented, not read")
        );
        Assert.All(
            keys.Where(k => !k.Contains(':')),
            k =>
                Assert.True(
                    SettingsCatalog.Names.Contains(k)
                        || SettingsCatalog.Foreign.Contains(k)
                        || PredecessorSettings.Names.Contains(k),
                    $"{k} is documented, not read"
                )
        );
        Assert.All(
            SettingsCatalog.Settings,
            s =>
                Assert.True(
                    keys.Any(k => ReferenceEquals(SettingsCatalog.Find(k), s)),
                    $"{s.Key} is read, not documented in .env.example"
                )
        );
        Assert.All(
            SettingsCatalog
                .Names.Where(n => n.Contains('_'))
                .Concat(PredecessorSettings.Names.Except(RefusedAlways)),
            n => Assert.True(documented.ContainsKey(n), $"{n} is not in .env.example")
        );
        var text = File.ReadAllText(Path.Combine(Root(), ".env.example"));
        Assert.All(RefusedAlways, n => Assert.Contains(n, text, StringComparison.Ordinal));
    }

    [Fact]
    public void D41_Every_option_is_used_by_code_outside_its_own_class()
    {
        var sources = Directory
            .EnumerateFiles(Path.Combine(Root(), "silo"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.EndsWith("Options.cs", StringComparison.Ordinal))
            .Select(File.ReadAllText)
            .ToList();
        Assert.All(
            SettingsCatalog.Settings,
            s =>
            {
                var name = s.Key.Replace(":*", "").Split(':')[^1];
                Assert.True(
                    sources.Exists(t => t.Contains("." + name, StringComparison.Ordinal)),
                    $"{s.Key} is declared and never used"
                );
            }
        );
    }

    [Fact]
    public void Every_documented_value_is_a_value_that_is_taken()
    {
        var home = SiloProcess.NewFolder();
        var lines = Documented()
            .Where(d => d.Key is not ("ORCHESTRATOR_DATA" or "ORCHESTRATOR_SILO"))
            .Select(d => $"{d.Key}={d.Value.Replace("/home/me/code", home)}");
        File.WriteAllText(Path.Combine(home, ".env"), string.Join('\n', lines));

        using var configuration = new ConfigurationManager();
        SettingsHosting.AddLayers(configuration, home, []);
        Assert.Equal(home, configuration["Workspace:Base"]);
    }

    [Fact]
    public void Stronger_layers_win_and_a_new_name_wins_over_the_old_one_beside_it()
    {
        var home = SiloProcess.NewFolder();
        File.WriteAllText(
            Path.Combine(home, "appsettings.json"),
            """{"Runner":{"Slots":2},"Queue":{"SizeMax":2},"Task":{"TriesMax":2}}"""
        );
        File.WriteAllText(
            Path.Combine(home, ".env"),
            "MAX_CONCURRENT_TASKS=3\nQueue__SizeMax=3\nMAX_QUEUE_SIZE=4\n"
        );
        using var configuration = new ConfigurationManager();
        SettingsHosting.AddLayers(configuration, home, ["--MAX_QUEUE_SIZE", "5"]);

        Assert.Equal("2", configuration["Task:TriesMax"]);
        Assert.Equal("3", configuration["Runner:Slots"]);
        Assert.Equal("5", configuration["Queue:SizeMax"]);
        using var plain = new ConfigurationManager();
        SettingsHosting.AddLayers(plain, home, []);
        Assert.Equal("3", plain["Queue:SizeMax"]);
    }

    [Fact]
    public async Task Every_wrong_setting_is_told_at_once_with_its_name_and_the_cure()
    {
        var home = SiloProcess.NewFolder();
        await File.WriteAllTextAsync(
            Path.Combine(home, "appsettings.json"),
            """{"Runer":{"Slots":2},"Runner":{"Slot":3}}"""
        );
        await File.WriteAllTextAsync(
            Path.Combine(home, ".env"),
            "Task__TriesMax=many\nVALIDATION_X=1\nMAX_QUEU_SIZE=4\nbroken line\n"
        );

        var (code, error) = await RefusedAsync(
            "--data",
            home,
            "--Runner:Slots",
            "99",
            "--dat",
            "x"
        );

        Assert.Equal(2, code);
        foreach (
            var words in (string[])
                [
                    "Runer:Slots (in",
                    "Nearest known name: Runner",
                    "Runner:Slot is unknown. Nearest known key: Runner:Slots",
                    "Runner:Slots must be 1 to 64; it is '99'",
                    "Task:TriesMax is 'many'; it must be a whole number",
                    "VALIDATION_X is refused",
                    "MAX_QUEU_SIZE (in .env) is unknown. Nearest known name: MAX_QUEUE_SIZE",
                    ".env, line 4",
                    "dat (in the command line) is unknown. Nearest known name: data",
                ]
        )
        {
            Assert.Contains(words, error, StringComparison.Ordinal);
        }
        Assert.False(File.Exists(Path.Combine(home, "journal.db")), "something was started");
    }

    [Fact]
    public async Task A_file_of_settings_in_the_working_directory_is_not_read()
    {
        var stranger = SiloProcess.NewFolder();
        await File.WriteAllTextAsync(Path.Combine(stranger, ".env"), "Runner__Slots=none\n");
        await File.WriteAllTextAsync(Path.Combine(stranger, "appsettings.json"), "no json");
        var here = Directory.GetCurrentDirectory();
        using var configuration = new ConfigurationManager();
        SettingsHosting.AddLayers(configuration, SiloProcess.NewFolder(), []);
        Assert.Null(configuration["Runner:Slots"]);

        // With --data . the working directory is the data directory, and its author is the operator.
        var (code, error) = await RefusedAsync(stranger, ["--data", "."]);
        Assert.Equal(2, code);
        Assert.Contains("Runner:Slots is 'none'", error, StringComparison.Ordinal);
        Assert.Equal(here, Directory.GetCurrentDirectory());
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_the_way_out()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)holder.LocalEndpoint).Port}";

        var (code, error) = await RefusedAsync("--data", SiloProcess.NewFolder(), "--urls", url);

        Assert.Equal(2, code);
        Assert.Contains(url, error, StringComparison.Ordinal);
        Assert.Contains("--urls http://127.0.0.1:0", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_and_left_alone()
    {
        var home = SiloProcess.NewFolder();
        var file = Path.Combine(home, "journal.db");
        await using (var db = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await db.OpenAsync();
            await using var make = db.CreateCommand();
            make.CommandText =
                "CREATE TABLE schema_version (version INTEGER NOT NULL); INSERT INTO schema_version VALUES (9999)";
            await make.ExecuteNonQueryAsync();
        }

        var (code, error) = await RefusedAsync("--data", home, "--urls", "http://127.0.0.1:0");

        Assert.Equal(2, code);
        Assert.Contains("journal.db has schema version 9999", error, StringComparison.Ordinal);
        Assert.Contains("Start the newer release", error, StringComparison.Ordinal);
        await using var again = new SqliteConnection($"Data Source={file};Pooling=False");
        await again.OpenAsync();
        await using var count = again.CreateCommand();
        count.CommandText = "SELECT count(*) FROM sqlite_master";
        Assert.Equal(1L, await count.ExecuteScalarAsync());
    }

    private static Task<(int Code, string Error)> RefusedAsync(params string[] arguments) =>
        RefusedAsync(Path.GetTempPath(), arguments);

    private static async Task<(int Code, string Error)> RefusedAsync(
        string workingDirectory,
        string[] arguments
    )
    {
        using var silo = Process.Start(
            new ProcessStartInfo(
                SiloProcess.Output("Orchestrator.Silo", "orchestrator-silo"),
                arguments
            )
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
                WorkingDirectory = workingDirectory,
            }
        )!;
        try
        {
            var output = silo.StandardOutput.ReadToEndAsync();
            var error = await silo.StandardError.ReadToEndAsync().WaitAsync(Deadline);
            await output.WaitAsync(Deadline);
            await silo.WaitForExitAsync().WaitAsync(Deadline);
            return (silo.ExitCode, error);
        }
        finally
        {
            if (!silo.HasExited)
            {
                silo.Kill();
            }
        }
    }

    private static Dictionary<string, string> Documented()
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in File.ReadAllLines(Path.Combine(Root(), ".env.example")))
        {
            var at = line.IndexOf('=', StringComparison.Ordinal);
            if (line.StartsWith('#') && at > 1 && !line[1..at].Contains(' '))
            {
                Assert.True(found.TryAdd(line[1..at], line[(at + 1)..]), $"{line} stands twice");
            }
        }
        return found;
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orchestrator.sln")))
        {
            folder = folder.Parent!;
        }
        return folder.FullName;
    }
}
