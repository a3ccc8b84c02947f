using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace Orchestrator.Benchmarks.Limits;

/// <summary>
/// A PostgreSQL of the benchmark's own on a loopback port, made of the installed programs: every commit is flushed, 1 GB of
/// shared buffers, 8 GB of log between checkpoints. As root it is given to the user <c>postgres</c>.
/// </summary>
internal sealed class PrivatePostgres : IAsyncDisposable
{
    private const string User = "orchestrator";
    private const string Settings =
        "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 -c shared_buffers=1GB -c max_wal_size=8GB -c checkpoint_timeout=15min -c synchronous_commit=on -c fsync=on";

    private const string Missing =
        "PostgreSQL is not installed: neither PATH nor /usr/lib/postgresql/*/bin holds pg_ctl and initdb. Install it (Debian: apt-get install postgresql), or measure with --store sqlite.";

    private static readonly TimeSpan CommandMax = TimeSpan.FromMinutes(2);
    private readonly string programs;
    private readonly string folder;
    private readonly string password;
    private readonly int port;

    private PrivatePostgres(string programs, string folder, string password, int port)
    {
        this.programs = programs;
        this.folder = folder;
        this.password = password;
        this.port = port;
    }

    private string Data => Path.Combine(folder, "pg");

    /// <summary>Process id of its first process, whose children all others are.</summary>
    public int Postmaster =>
        int.Parse(
            File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(),
            CultureInfo.InvariantCulture
        );

    /// <summary>Makes and starts one in an empty folder.</summary>
    public static async Task<PrivatePostgres> StartAsync(string folder)
    {
        var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        var server = new PrivatePostgres(Programs(), folder, password, FreePort());
        Directory.CreateDirectory(server.Data);
        var secret = Path.Combine(folder, "secret");
        await File.WriteAllTextAsync(secret, password);
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                folder,
                File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead
            );
            await RunAsync("chown", ["postgres", server.Data, secret]);
        }
        await server.AsUserAsync(
            "initdb",
            "-D",
            server.Data,
            "-U",
            User,
            "-A",
            "scram-sha-256",
            "--pwfile=" + secret,
            "-E",
            "UTF8",
            "--locale=C.UTF-8"
        );
        File.Delete(secret);
        await server.ControlAsync("start");
        return server;
    }

    /// <summary>A new empty database; an older one of that name goes.</summary>
    public async Task<string> MakeDatabaseAsync(string name)
    {
        await DropDatabaseAsync(name);
        await ExecuteAsync($"CREATE DATABASE {name}");
        return ConnectionString(name);
    }

    /// <summary>Drops a database, whoever is connected.</summary>
    public Task DropDatabaseAsync(string name) =>
        ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
        {
            await ControlAsync("stop", "-m", "immediate");
        }
    }

    private string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = port,
            Database = database,
            Username = User,
            Password = password,
        }.ToString();

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(
            ConnectionString("postgres") + ";Pooling=false"
        );
        await connection.OpenAsync();
#pragma warning disable CA2100 // names of this program
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private Task ControlAsync(string verb, params string[] more) =>
        AsUserAsync(
            "pg_ctl",
            [
                verb,
                "-D",
                Data,
                "-w",
                "-t",
                "60",
                "-l",
                Path.Combine(Data, "server.log"),
                "-o",
                string.Create(CultureInfo.InvariantCulture, $"-p {port} {Settings}"),
                .. more,
            ]
        );

    private Task AsUserAsync(string program, params string[] arguments)
    {
        var path = Path.Combine(programs, program);
        return Environment.IsPrivilegedProcess
            ? RunAsync(
                "setpriv",
                ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments]
            )
            : RunAsync(path, arguments);
    }

    private static string Programs() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Concat(
                Directory.Exists("/usr/lib/postgresql")
                    ? Directory
                        .GetDirectories("/usr/lib/postgresql")
                        .OrderByDescending(d => d, StringComparer.Ordinal)
                        .Select(d => Path.Combine(d, "bin"))
                    : []
            )
            .FirstOrDefault(f =>
                f.Length > 0
                && File.Exists(Path.Combine(f, "pg_ctl"))
                && File.Exists(Path.Combine(f, "initdb"))
            )
        ?? throw new InvalidOperationException(Missing);

    private static async Task RunAsync(string program, string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = Path.GetTempPath(),
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var said = await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(),
                process.StandardError.ReadToEndAsync()
            )
            .WaitAsync(CommandMax, TimeProvider.System);
        await process.WaitForExitAsync().WaitAsync(CommandMax, TimeProvider.System);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {string.Concat(said)}"
            );
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
