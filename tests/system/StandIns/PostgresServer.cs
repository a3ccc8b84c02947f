using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Orchestrator.SystemTests.StandIns;
using Xunit;

[assembly: AssemblyFixture(typeof(PostgresServersEnd))]

namespace Orchestrator.SystemTests.StandIns;

/// <summary>
/// A PostgreSQL of the tests' own, made of the installed programs: a loopback port and a data folder of its own, one for
/// the whole process, a database per test. It does not run as root: then it is given to the user <c>postgres</c>.
/// </summary>
internal sealed class PostgresServer
{
    /// <summary>The user that may do everything.</summary>
    public const string User = "orchestrator";

    /// <summary>That user's password.</summary>
    public const string Password = "not-a-secret-1";

    private const string Scram = "scram-sha-256";

    private const string Missing =
        "PostgreSQL is not installed: neither PATH nor /usr/lib/postgresql/*/bin holds pg_ctl and initdb. Install it: apt-get install postgresql (Debian), dnf install postgresql-server (Fedora), brew install postgresql (macOS).";

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);
    private static readonly Lazy<Task<PostgresServer>> Shared = new(() => StartNewAsync());

    private static readonly ConcurrentBag<PostgresServer> Started = new();

    private readonly string programs;
    private readonly string data;
    private int databases;

    private PostgresServer(string programs, string data, int port)
    {
        this.programs = programs;
        this.data = data;
        Port = port;
    }

    public int Port { get; }

    private string Address { get; init; } = "";

    /// <summary>The process' one server, for whoever does not stop it.</summary>
    public static Task<PostgresServer> SharedAsync() => Shared.Value;

    /// <summary>A server for one test that stops or restarts it, or wants something else of it.</summary>
    /// <param name="address">A further address that it listens on; empty = loopback alone.</param>
    /// <param name="authentication">How it checks passwords.</param>
    public static Task<PostgresServer> OwnAsync(
        string address = "",
        string authentication = Scram
    ) => StartNewAsync(address, authentication);

    /// <summary>How to reach a database.</summary>
    public string ConnectionString(string database, string password = Password) =>
        new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = Port,
            Database = database,
            Username = User,
            Password = password,
        }.ToString();

    /// <summary>A new empty database; returns how to reach it.</summary>
    public async Task<string> NewDatabaseAsync(string options = "")
    {
        var name = string.Create(
            CultureInfo.InvariantCulture,
            $"test_{Interlocked.Increment(ref databases)}"
        );
        await ExecuteAsync(ConnectionString("postgres"), $"CREATE DATABASE {name} {options}");
        return ConnectionString(name);
    }

    /// <summary>Runs a statement on a connection of its own, without a pool.</summary>
    public static async Task<object?> ExecuteAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
#pragma warning disable CA2100 // texts of the tests
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    /// <summary>As after a loss of power: every connection is cut, what was not flushed is gone; then it recovers.</summary>
    public Task RestartAsync() => ControlAsync("restart", "-m", "immediate");

    /// <summary>Stops it and cuts every connection.</summary>
    public Task StopAsync() => ControlAsync("stop", "-m", "immediate");

    /// <summary>Starts it again on the same port.</summary>
    public Task StartAsync() => ControlAsync("start");

    /// <summary>A streaming standby of this server, on a port of its own; from then on every commit here waits for its disk too.</summary>
    public async Task<PostgresServer> StandbyAsync()
    {
        // Not every installation has pg_basebackup: the files of a server that was stopped in good order are a backup too.
        await ControlAsync("stop", "-m", "fast");
        var copy = Path.Combine(SiloProcess.NewFolder(), "pg");
        await RunAsync("cp", ["-a", data, copy]);
        await StartAsync();
        await File.WriteAllTextAsync(Path.Combine(copy, "standby.signal"), "");
        await File.AppendAllTextAsync(
            Path.Combine(copy, "postgresql.auto.conf"),
            string.Create(
                CultureInfo.InvariantCulture,
                $"primary_conninfo = 'host=127.0.0.1 port={Port} user={User} password={Password} application_name=standby'\n"
            )
        );
        var standby = new PostgresServer(programs, copy, FreePort());
        Started.Add(standby);
        await standby.StartAsync();
        var admin = ConnectionString("postgres");
        await ExecuteAsync(admin, "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
        await ExecuteAsync(admin, "SELECT pg_reload_conf()");
        // The first commit that waits for it shows that it is there.
        await ExecuteAsync(admin, "CREATE TABLE replicated ()");
        return standby;
    }

    /// <summary>SIGKILL of the server, as when its machine is gone.</summary>
    public async Task KillAsync()
    {
        var id = (await File.ReadAllLinesAsync(Path.Combine(data, "postmaster.pid")))[0];
        using var process = Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture));
        process.Kill();
        await process.WaitForExitAsync().WaitAsync(Deadline);
        File.Delete(Path.Combine(data, "postmaster.pid"));
    }

    /// <summary>Makes a standby the primary.</summary>
    public Task PromoteAsync() => AsUserAsync("pg_ctl", "promote", "-D", data, "-w", "-t", "50");

    /// <summary>Ends every server that was started here.</summary>
    public static async Task EndAllAsync()
    {
        // One that cannot be ended keeps none of the others alive.
        await Task.WhenAll(Started.Select(s => s.EndAsync()));
    }

    /// <summary>A server whose data lie in this folder, with small files of its log.</summary>
    public static Task<PostgresServer> InAsync(string folder) => StartNewAsync("", Scram, folder);

    /// <summary>Starts it when it has given up, as a service manager does.</summary>
    public async Task RequireRunningAsync()
    {
        try
        {
            await ControlAsync("restart", "-m", "immediate");
        }
        catch (InvalidOperationException)
        {
            await StartAsync();
        }
    }

    private static async Task<PostgresServer> StartNewAsync(
        string address = "",
        string authentication = Scram,
        string? folder = null
    )
    {
        var programs = Programs();
        var data = Path.Combine(folder ?? SiloProcess.NewFolder(), "pg");
        Directory.CreateDirectory(data);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", ["postgres", data]);
        }
        var secret = Path.Combine(Path.GetDirectoryName(data)!, "secret");
        await File.WriteAllTextAsync(secret, Password);
        var server = new PostgresServer(programs, data, FreePort()) { Address = address };
        await server.AsUserAsync(
            "initdb",
            [
                "-D",
                data,
                "-U",
                User,
                "-A",
                authentication,
                "--pwfile=" + secret,
                "-E",
                "UTF8",
                // Not "C": the order of texts must not depend on the database's locale.
                "--locale=C.UTF-8",
                "--no-sync",
                .. (string[])(folder is null ? [] : ["--wal-segsize=1"]),
            ]
        );
        if (address.Length > 0)
        {
            await File.AppendAllTextAsync(
                Path.Combine(data, "pg_hba.conf"),
                "\nhost all all samenet scram-sha-256\n"
            );
        }
        Started.Add(server);
        await server.StartAsync();
        return server;
    }

    private static string Programs()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator)
            .Concat(
                Directory.Exists("/usr/lib/postgresql")
                    ? Directory
                        .GetDirectories("/usr/lib/postgresql")
                        .OrderByDescending(d => d, StringComparer.Ordinal)
                        .Select(d => Path.Combine(d, "bin"))
                    : []
            );
        return folders.FirstOrDefault(f =>
                f.Length > 0
                && File.Exists(Path.Combine(f, "pg_ctl"))
                && File.Exists(Path.Combine(f, "initdb"))
            ) ?? throw new InvalidOperationException(Missing);
    }

    private Task ControlAsync(string verb, params string[] more) =>
        AsUserAsync(
            "pg_ctl",
            [
                verb,
                "-D",
                data,
                "-w",
                "-t",
                "50",
                "-l",
                Path.Combine(data, "server.log"),
                "-o",
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"-p {Port} -c listen_addresses=127.0.0.1{(Address.Length > 0 ? "," + Address : "")} -c unix_socket_directories= -c max_connections=200"
                ),
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
        // The server itself says everything to its log, so that these end with the program.
        var said = await Task.WhenAll(
                process.StandardOutput.ReadToEndAsync(),
                process.StandardError.ReadToEndAsync()
            )
            .WaitAsync(Deadline);
        await process.WaitForExitAsync().WaitAsync(Deadline);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {string.Concat(said)}"
            );
        }
    }

    // By the process id that stands in its own folder.
    private async Task EndAsync()
    {
        if (File.Exists(Path.Combine(data, "postmaster.pid")))
        {
            await StopAsync();
        }
        Directory.Delete(Path.GetDirectoryName(data)!, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Ends with the last test.</summary>
public sealed class PostgresServersEnd : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await PostgresServer.EndAllAsync();
}
