using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.GrainInterfaces;
using Orchestrator.GrainInterfaces.Api;
using Orchestrator.Silo.Health;

namespace Orchestrator.SystemTests.Health;

#pragma warning disable CA1416 // modes of POSIX: what uses them is skipped on Windows

/// <summary>A data directory and settings in which nothing is wrong, for a test to break one thing of; the doctor looks at it without a server.</summary>
internal sealed class DoctorBed : IAsyncDisposable
{
    private const int ProgramBytes = 1_100_000;
    private readonly List<IAsyncDisposable> later = [];

    private DoctorBed(string data)
    {
        Data = data;
        Settings = ["--data", data, "--urls", "http://127.0.0.1:0"];
    }

    /// <summary>The data directory.</summary>
    public string Data { get; }

    /// <summary>The silo's arguments.</summary>
    public List<string> Settings { get; }

    /// <summary>True: the agent is called.</summary>
    public bool TryLogin { get; set; }

    /// <summary>Makes one: a program of the tested version, a key, nothing else configured.</summary>
    public static DoctorBed Make()
    {
        var data = Path.Combine(SiloProcess.NewFolder(), "data");
        foreach (
            var folder in (string[])
                ["", "tasks", "results", "summaries", "logs", "worktrees", "repos", "remotes"]
        )
        {
            Directory.CreateDirectory(Path.Combine(data, folder));
        }
        var bed = new DoctorBed(data);
        bed.Agent("echo '2.1.330 (Claude Code)'");
        bed.Set("Runner:ClaudeCode:Environment:ANTHROPIC_API_KEY", "sk-not-a-real-key-0000");
        return bed;
    }

    /// <summary>One more setting.</summary>
    public void Set(string key, string value) => Settings.Add($"--{key}={value}");

    /// <summary>The agent's program is a script of these lines, as large as a program.</summary>
    public void Agent(string script)
    {
        var program = Path.Combine(SiloProcess.NewFolder(), "claude");
        File.WriteAllText(
            program,
            $"#!/bin/sh\n{script}\nexit\n#{new string('x', ProgramBytes)}\n"
        );
        File.SetUnixFileMode(
            program,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
        Set("Runner:ClaudeCode:Executable", program);
    }

    /// <summary>A host on loopback that answers everything so.</summary>
    public async Task<Uri> HostAsync(int status, string body)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(o =>
            o.ShutdownTimeout = TimeSpan.FromMilliseconds(100)
        );
        var app = builder.Build();
        app.MapFallback(context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(body);
        });
        later.Add(app);
        await app.StartAsync();
        return new Uri(
            app.Services.GetRequiredService<IServer>()
                .Features.Get<IServerAddressesFeature>()!
                .Addresses.First()
        );
    }

    /// <summary>Ended with the bed.</summary>
    public T Keep<T>(T what)
        where T : IAsyncDisposable
    {
        later.Add(what);
        return what;
    }

    /// <summary>What the doctor says, by its own entry.</summary>
    public async Task<DoctorReport> LookAsync()
    {
        using var output = new StringWriter();
        string[] flags = TryLogin ? ["--login"] : [];
        await DoctorCommand.RunAsync([.. Settings, .. flags], output);
        return Read(output.ToString());
    }

    /// <summary>The report of a text.</summary>
    public static DoctorReport Read(string text) =>
        JsonSerializer.Deserialize(text, OrchestratorJson.Default.DoctorReport)!;

    public async ValueTask DisposeAsync()
    {
        later.Reverse();
        foreach (var one in later)
        {
            await one.DisposeAsync();
        }
    }
}
