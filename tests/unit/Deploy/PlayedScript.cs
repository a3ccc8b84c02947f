using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Security;
using System.Security.Cryptography;
using Orchestrator.UnitTests.House;

namespace Orchestrator.UnitTests.Deploy;

/// <summary>Plays a script of deploy/windows with stand-ins for what only Windows has, on real folders.</summary>
internal sealed class PlayedScript : IDisposable
{
    private readonly string root = Directory
        .CreateTempSubdirectory("orchestrator-deploy-")
        .FullName;
    private readonly Hashtable world = new()
    {
        ["Service"] = "",
        ["Status"] = "",
        ["PathName"] = "",
        ["Broken"] = "",
        ["ScExit"] = 0,
        ["Rule"] = false,
        ["Task"] = null,
    };

    /// <summary>What the last play did, in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>The installed programs.</summary>
    public string Programs => Path.Combine(root, "Program Files");

    /// <summary>The data of all silos.</summary>
    public string Data => Path.Combine(root, "data of all");

    /// <summary>What the running command line of the service is.</summary>
    public string ServiceLine => (string)world["PathName"]!;

    /// <summary>A silo whose command line holds this does not get ready.</summary>
    public void Break(string part) => world["Broken"] = part;

    /// <summary>From now on <c>sc.exe</c> fails.</summary>
    public void FailServiceControl() => world["ScExit"] = 5;

    /// <summary>The text of a file below the data folder; empty when it is not there.</summary>
    public string Text(params string[] parts)
    {
        var file = Path.Combine([Data, .. parts]);
        return File.Exists(file) ? File.ReadAllText(file) : "";
    }

    /// <summary>A release folder.</summary>
    public string Release(string version)
    {
        var folder = Path.Combine(root, "release " + version);
        Directory.CreateDirectory(Path.Combine(folder, "deploy"));
        File.WriteAllText(Path.Combine(folder, "VERSION"), version + "\n");
        File.WriteAllText(Path.Combine(folder, "orchestrator-silo.exe"), "silo " + version);
        // Says what it was told, where the test looks.
        File.WriteAllText(
            Path.Combine(folder, "orchestrator.exe"),
            $"#!/bin/sh\necho \"orchestrator $*\" >>'{Path.Combine(root, "told")}'\n"
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                Path.Combine(folder, "orchestrator.exe"),
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            );
        }
        string[] files = ["VERSION", "orchestrator-silo.exe", "orchestrator.exe"];
        File.WriteAllLines(
            Path.Combine(folder, "SHA256SUMS"),
            files.Select(f =>
                Convert.ToHexStringLower(
                    SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, f)))
                )
                + "  "
                + f
            )
        );
        return folder;
    }

    /// <summary>What the installed command line was told.</summary>
    public IReadOnlyList<string> Told() =>
        File.Exists(Path.Combine(root, "told"))
            ? File.ReadAllLines(Path.Combine(root, "told"))
            : [];

    /// <summary>Plays Install-Orchestrator.ps1.</summary>
    /// <exception cref="RuntimeException">The script stopped; with its words.</exception>
    public void Install(string release, params (string Name, object Value)[] arguments) =>
        Play(
            "Install-Orchestrator.ps1",
            [
                ("Source", release),
                ("InstallFolder", Programs),
                ("DataFolder", Data),
                .. arguments.Any(a => a.Name == "RunnerUser")
                    ? Array.Empty<(string, object)>()
                    : [("RunnerUser", "S-1-5-21-1-2-3-1001")],
                .. arguments,
            ]
        );

    /// <summary>Plays Remove-Orchestrator.ps1.</summary>
    public void Remove(params (string Name, object Value)[] arguments) =>
        Play(
            "Remove-Orchestrator.ps1",
            [("InstallFolder", Programs), ("DataFolder", Data), ("Confirm", false), .. arguments]
        );

    /// <summary>The value of an expression after the shared functions were loaded.</summary>
    public static string Evaluate(string expression)
    {
        using var played = new PlayedScript();
        using var shell = played.Shell();
        return string.Concat(
            shell
                .AddScript(
                    Repository.Read("deploy/windows/Orchestrator.Deploy.ps1") + "\n" + expression
                )
                .Invoke()
        );
    }

    /// <summary>A text that no screen and no command line shows.</summary>
    public static SecureString Secret(string text)
    {
        var secret = new SecureString();
        foreach (var c in text)
        {
            secret.AppendChar(c);
        }
        return secret;
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private void Play(string script, (string Name, object Value)[] arguments)
    {
        Calls.Clear();
        using var shell = Shell();
        shell
            .AddScript(
                Repository.Read("tests/unit/Deploy/WindowsStandIns.ps1"),
                useLocalScope: false
            )
            .Invoke();
        shell.Commands.Clear();
        // By its file, for $PSScriptRoot; a script block is not asked for the rights that '#Requires' asks a file for.
        var file = Path.Combine(Repository.Root, "deploy", "windows", script);
        var block = Parser.ParseFile(file, out _, out _).GetScriptBlock();
        shell
            .AddScript("param($Script, $Given) & $Script @Given")
            .AddParameter("Script", block)
            .AddParameter(
                "Given",
                new Hashtable(arguments.ToDictionary(a => a.Name, a => a.Value))
            );
        shell.Invoke();
        if (shell.HadErrors)
        {
            throw shell.Streams.Error[0].Exception;
        }
    }

    private PowerShell Shell()
    {
        var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        runspace.SessionStateProxy.SetVariable("World", world);
        runspace.SessionStateProxy.SetVariable("Calls", Calls);
        var shell = PowerShell.Create();
        shell.Runspace = runspace;
        return shell;
    }
}
