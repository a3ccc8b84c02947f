using System.Text;
using Orchestrator.Decisions.Redaction;
using Xunit;

namespace Orchestrator.UnitTests.Redaction;

public sealed class SecretScanTests
{
    private const string Mixed = "a8Jk2mLq9ZxT4vBn7Wc1Yd6Rf3Gh5Ks0Pu8E";
    private const string Token = "ghp_" + Mixed;
    private const string Key =
        "-----BEGIN "
        + "PRIVATE KEY-----\n"
        + Mixed
        + "\n"
        + Mixed
        + "\n-----END "
        + "PRIVATE KEY-----";
    private static readonly SecretScan Scan = new(new Redactor(["the-literal-secret"]), false);
    private static readonly SecretScan Lenient = new(new Redactor([]), allowMarked: true);

    [Fact]
    public void A_file_tells_line_and_column_whatever_ends_its_lines()
    {
        Assert.Equal(
            [
                new ScanFinding("a", 1, 1, "github-token"),
                new ScanFinding("a", 3, 5, "github-token"),
            ],
            Scan.Text("a", $"{Token}\r\n\r\nx = {Token}", 10)
        );
        Assert.Equal(
            [new ScanFinding("a", 2, 1, "private-key"), new ScanFinding("a", 6, 2, "literal")],
            Scan.Text("a", $"\n{Key}\n the-literal-secret\n", 10)
        );
        Assert.Single(Scan.Text("a", $"{Token}\n{Token}", 1));
        Assert.Empty(Scan.Text("a", "", 10));
    }

    [Fact]
    public void A_finding_never_holds_the_secret() =>
        Assert.DoesNotContain(
            Mixed,
            string.Concat(Scan.Text("a", $"x {Token}", 10)),
            StringComparison.Ordinal
        );

    [Fact]
    public void Added_lines_tell_the_line_of_the_new_file_across_renames_quotes_and_missing_ends()
    {
        var patch = $$"""
            diff --git a/old.txt b/new.txt
            similarity index 90%
            rename from old.txt
            rename to new.txt
            index 1111111..2222222 100644
            --- a/old.txt
            +++ b/new.txt
            @@ -1,2 +1,3 @@ heading {{Token}}
             one
            +two {{Token}}
             three
            @@ -10 +11 @@
            -old
            \ No newline at end of file
            +++ {{Token}}
            \ No newline at end of file
            diff --git "a/na\303\244me \"x\"" "b/na\303\244me \"x\""
            --- /dev/null
            +++ "b/na\303\244me \"x\""
            @@ -0,0 +1,2 @@
            +fine
            +{{Token}}x and the-literal-secret
            """;

        Assert.Equal(
            [
                new ScanFinding("new.txt", 2, 5, "github-token"),
                new ScanFinding("new.txt", 11, 4, "github-token"),
                new ScanFinding("naäme \"x\"", 2, 1, "github-token"),
                new ScanFinding("naäme \"x\"", 2, 47, "literal"),
            ],
            Scan.Patch(Bytes(patch), 10)
        );
        Assert.Equal(2, Scan.Patch(Bytes(patch), 2).Count);
    }

    [Fact]
    public void Lines_that_end_with_carriage_returns_and_names_with_a_time_are_read()
    {
        var patch =
            $"--- a.txt\t2026-11-28\r\n+++ a.txt\t2026-11-28\n@@ -0,0 +1,2 @@\n+x\r\n+{Token}\r\n";

        Assert.Equal(
            [new ScanFinding("a.txt", 2, 1, "github-token")],
            Scan.Patch(Bytes(patch), 10)
        );
    }

    [Fact]
    public void A_key_over_many_added_lines_is_one_finding_at_its_first()
    {
        var lines = Key.Split('\n');
        var patch =
            $"+++ b/k.pem\n@@ -1 +1,{lines.Length + 1} @@\n x\n"
            + string.Concat(lines.Select(l => $"+{l}\n"));

        Assert.Equal([new ScanFinding("k.pem", 2, 1, "private-key")], Scan.Patch(Bytes(patch), 10));
    }

    [Theory]
    [InlineData("-x @@\n y\n", "-1,2 +1,1")]
    [InlineData(" x @@\n y\n", "-1,2 +1,2")]
    [InlineData("-x @@\n y\n+moved: @@\n", "-1,2 +1,2")]
    [InlineData(" x @@\n y\n+copied: @@\n", "-1,2 +1,3")]
    public void What_was_there_before_is_no_new_secret(string lines, string range) =>
        Assert.Empty(
            Scan.Patch(
                Bytes(
                    $"+++ b/a\n@@ {range} @@\n"
                        + lines.Replace("@@", Token, StringComparison.Ordinal)
                ),
                10
            )
        );

    [Fact]
    public void Another_secret_in_the_place_of_one_is_new()
    {
        var patch = $"+++ b/a\n@@ -1 +1 @@\n-x {Token}\n+x {Token}Z\n";

        Assert.Equal([new ScanFinding("a", 1, 3, "github-token")], Scan.Patch(Bytes(patch), 10));
    }

    [Fact]
    public void A_mark_allows_its_own_line_and_only_where_marks_are_obeyed()
    {
        var text = $"{Token} # {SecretScan.AllowMark}\n{Token}\n";

        Assert.Equal([new ScanFinding("a", 2, 1, "github-token")], Lenient.Text("a", text, 10));
        Assert.Equal(2, Scan.Text("a", text, 10).Count);
    }

    [Theory]
    [InlineData("api_key = \"your-api-key-goes-here-1\"")]
    [InlineData("token = base64.b64decode(value)")]
    [InlineData("secretName: my-app-tls-certificate-2")]
    [InlineData("\"tokenizer\": \"bert-base-uncased-2024\"")]
    [InlineData("x.Authorization = new AuthenticationHeaderValue(\"Bearer\", token);")]
    [InlineData("var password = Convert.ToHexString(bytes);")]
    [InlineData("usedInputTokens: meter1.usedInputTokens - meter2.used")]
    [InlineData("Database=NAME;Password=SECRET, or nothing")]
    [InlineData("System.Private.CoreLib, PublicKeyToken=7cec85d7bea7798e")]
    [InlineData("postgres://postgres:postgres@localhost/x")]
    [InlineData("Server=db;Password=changeme;")]
    [InlineData("ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")]
    [InlineData("ghp_abcdefghijklmnopqrstuvwxyz0123456789")]
    [InlineData("glpat-name_of_a_test_without_a_digit")]
    public void A_placeholder_stops_nobody_though_it_is_redacted(string text)
    {
        Assert.Empty(Scan.Text("a", text, 10));
        Assert.NotEqual(text, new Redactor([]).Redact(text));
    }

    [Theory]
    [InlineData("api_key = \"@@\"", "assignment")]
    [InlineData("postgres://postgres:@@@db/x", "url-password")]
    [InlineData("Server=db;Password=@@;", "connection-string")]
    [InlineData("secret_value: @@", "assignment")]
    public void A_secret_in_the_same_place_stops(string around, string rule) =>
        Assert.Equal(
            rule,
            Assert
                .Single(
                    Scan.Text("a", around.Replace("@@", Mixed[..20], StringComparison.Ordinal), 10)
                )
                .Rule
        );

    [Theory]
    [InlineData("")]
    [InlineData("no patch at all")]
    [InlineData("+++ b/a\n@@ broken @@\n+x")]
    [InlineData("+++ b/a\n@@ -1,99999999 +1,99999999 @@\n")]
    public void What_is_no_patch_holds_nothing(string text) =>
        Assert.Empty(Scan.Patch(Bytes(text), 10));

    private static byte[] Bytes(string patch) => Encoding.UTF8.GetBytes(patch);
}
