using System.CommandLine;

namespace Orchestrator.Cli;

/// <summary>Judges a change in a CI system; the silo's program does it, no server is needed.</summary>
internal static class CiCommand
{
    private const string ArtifactsName = "--artifacts";

    /// <summary>The verb.</summary>
    public static Command Make()
    {
        Option<string?>[] options =
        [
            new("--base")
            {
                Description = "What the change is compared with; default: what the CI system says.",
            },
            new("--head") { Description = "The change; default: HEAD." },
            new("--policy")
            {
                Description =
                    "The policy's path in the repository, read from the base commit; default: .orchestrator/policy.yaml.",
            },
            new("--type")
            {
                Description = "fix or documentation: whose lane it is judged by. Default: fix.",
            },
            new("--requester")
            {
                Description = "Who made it, by the policy's names; default: not asked about.",
            },
            new("--repo")
            {
                Description = "The repository, by the policy's names; default: not asked about.",
            },
            new("--base-branch") { Description = "Its target, with --repo." },
            new("--annotations")
            {
                Description = "auto, github, gitlab, azure or none. Default: auto.",
            },
            new("--sarif") { Description = "Also write the findings there, as SARIF." },
            new("--code-quality")
            {
                Description =
                    "Also write them there as GitLab's Code Quality report; in GitLab: gl-code-quality-report.json.",
            },
        ];
        Option<bool>[] switches =
        [
            new("--strict") { Description = "What the policy asks about fails too, with 4." },
            new("--allow-marked")
            {
                Description = "Let secrets stand on lines that are marked to hold one.",
            },
        ];
        var artifacts = new Option<string[]>(ArtifactsName)
        {
            Description = "Artifacts, or a folder of them; may be repeated. Default: results/.",
        };
        var command = new Command(
            "ci",
            "Judge the change of a checkout: policy, secrets, artifacts. 0: fine, 1: broken file, 3: violation, 4: needs approval (--strict)."
        )
        {
            artifacts,
        };
        foreach (var option in options)
        {
            command.Add(option);
        }
        foreach (var option in switches)
        {
            command.Add(option);
        }
        command.SetAction(
            (p, _) =>
            {
                List<string> words = ["ci"];
                foreach (var option in options)
                {
                    if (p.GetValue(option) is { } value)
                    {
                        words.AddRange([option.Name, value]);
                    }
                }
                words.AddRange(switches.Where(s => p.GetValue(s)).Select(s => s.Name));
                foreach (var place in p.GetValue(artifacts) ?? [])
                {
                    words.AddRange([ArtifactsName, place]);
                }
                if (CommandLine.Out(p).Json)
                {
                    words.Add("--json");
                }
                return Task.FromResult(ServeCommand.Start(words));
            }
        );
        return command;
    }
}
