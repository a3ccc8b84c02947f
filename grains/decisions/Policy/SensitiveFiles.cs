using System.Text.RegularExpressions;

namespace Orchestrator.Decisions.Policy;

/// <summary>Files that are never committed, whoever wrote them. By name and folder only, any case, '/' or '\'.</summary>
public static partial class SensitiveFiles
{
    private static readonly string[] Suffixes =
    [
        ".key",
        ".pem",
        ".p12",
        ".pfx",
        ".crt",
        ".csr",
        ".secret",
        ".private",
        ".db",
        ".sqlite",
        ".sqlite3",
        ".log",
        ".tmp",
        ".tfstate",
        ".tfvars",
        ".jks",
        ".keystore",
        ".kdbx",
    ];

    private static readonly HashSet<string> Names = new(
        [
            ".env",
            ".npmrc",
            ".netrc",
            "_netrc",
            ".pypirc",
            ".pgpass",
            ".htpasswd",
            "secrets.json",
            "secrets.yaml",
            "secrets.yml",
            "config.local.py",
            "credentials.json",
            "id_rsa",
            "id_dsa",
            "id_ecdsa",
            "id_ed25519",
            "kubeconfig",
            ".git-credentials",
        ],
        StringComparer.OrdinalIgnoreCase
    );

    private static readonly string[] HarmlessEnvironments =
    [
        "example",
        "sample",
        "template",
        "dist",
        "defaults",
    ];

    /// <summary>True when the file must never be part of a commit.</summary>
    /// <param name="path">Relative to the repository.</param>
    public static bool Is(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var parts = path.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
        {
            return false;
        }
        var name = parts[^1];
        if (
            Names.Contains(name)
            || Suffixes.Any(s => name.EndsWith(s, StringComparison.OrdinalIgnoreCase))
            || HalfWritten().IsMatch(name)
        )
        {
            return true;
        }
        if (name.StartsWith(".env.", StringComparison.OrdinalIgnoreCase))
        {
            return !HarmlessEnvironments.Contains(name[5..], StringComparer.OrdinalIgnoreCase);
        }
        return parts.Length > 1
            && (
                (IsNamed(parts[^2], ".aws") && IsNamed(name, "credentials"))
                || (IsNamed(parts[^2], ".docker") && IsNamed(name, "config.json"))
                || (IsNamed(parts[^2], ".kube") && IsNamed(name, "config"))
            );
    }

    // Claude Code (read in its program, 2.1.330) writes NAME.tmp.PID.12 hex digits and renames it: one that is ended in
    // the middle leaves that beside the file.
    [GeneratedRegex(@"\A.+\.tmp\.[0-9]{1,10}\.[0-9a-f]{12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HalfWritten();

    private static bool IsNamed(string part, string name) =>
        string.Equals(part, name, StringComparison.OrdinalIgnoreCase);
}
