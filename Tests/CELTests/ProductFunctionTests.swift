import CEL
import Testing

@Suite("The functions of the product")
struct ProductFunctionTests {
    @Test(
        "paths, names and addresses",
        arguments: [
            ("'/workspace/a/../b'.under('/workspace')", "true"),
            ("'/workspace/../etc/passwd'.under('/workspace')", "false"),
            ("'/workspace'.under('/workspace/')", "true"), ("'/workspaces'.under('/workspace')", "false"),
            ("'workspace/a'.under('/workspace')", "false"), ("'/../workspace/a'.under('/workspace')", "false"),
            ("'/workspace/..\\\\x'.under('/workspace')", "false"), ("'/workspace/a\\x00'.under('/workspace')", "false"),
            ("'//workspace/./a'.under('/workspace')", "true"), ("''.under('/')", "false"),
            ("'api.example.com'.domain('example.com')", "true"), ("'EXAMPLE.com.'.domain('example.COM')", "true"),
            ("'notexample.com'.domain('example.com')", "false"), ("'example.com'.domain('')", "false"),
            ("'example.com.evil.test'.domain('example.com')", "false"),
            ("'Joe@Example.COM'.domain()", "'example.com'"), ("'a@b@c'.domain()", "error: invalid argument"),
            ("'Joe <joe@example.com>'.domain()", "error: invalid argument"),
            ("'joe'.domain()", "error: invalid argument"),
            ("'/a/b/c'.glob('/a/*/c')", "true"), ("'/a/b/x/c'.glob('/a/*/c')", "false"),
            ("'/a/b/x/c'.glob('/a/**/c')", "true"),
            ("'main'.glob('ma?n')", "true"), ("'a/n'.glob('a?n')", "false"), ("'abc'.glob('*')", "true"),
            ("'abc'.glob('b*')", "false"),
            ("'release-1/x.tar.gz'.glob('release-*/**.gz')", "true"), ("'a*b'.glob('a?b')", "true"),
            ("'\u{E9}'.glob('?')", "true"), ("'\u{20AC}'.glob('*??')", "false"), ("'\u{20AC}'.glob('**??')", "false"),
            ("'\u{20AC}x'.glob('*??')", "true"), ("'x\u{1F600}'.glob('**?')", "true"),
            ("'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'.glob('*a*a*a*a*a*a*a*c')", "false"),
        ])
    func names(source: String, value: String) { #expect(Bench.run(source) == value) }

    @Test(
        "money and decimals",
        arguments: [
            ("money(2500, 'usd')", "'25.00 USD'"), ("money(5, 'EUR')", "'0.05 EUR'"),
            ("money(2500, 'JPY')", "'2500 JPY'"),
            ("money(-1234, 'KWD')", "'-1.234 KWD'"), ("money(1, 'XYZ')", "error: invalid argument"),
            ("money(-9223372036854775808, 'usd')", "'-92233720368547758.08 USD'"),
            ("decimal('0.10') + decimal('0.2') == decimal('0.3')", "true"), ("decimal('-0') == decimal('0')", "true"),
            (
                "decimal('115792089237316195423570985008687907853269984665640564039457584007913129639935') > decimal(1)",
                "true"
            ),
            ("decimal('1') - decimal('2.5')", "decimal('-1.5')"), ("decimal('10') > decimal('9.99')", "true"),
            ("decimal('-10') < decimal('-9.99')", "true"), ("decimal('1e5')", "error: type conversion error"),
            ("decimal('.5')", "error: type conversion error"), ("int(decimal('12.0'))", "12"),
            ("int(decimal('1.5'))", "error: range error"),
            ("string(decimal('001.500'))", "'1.5'"), ("decimal('1,000')", "error: type conversion error"),
        ])
    func amounts(source: String, value: String) { #expect(Bench.run(source) == value) }

    @Test(
        "the kind of SQL is that of its most harmful statement, and unknown where databases differ",
        arguments: [
            ("SELECT 'drop table x' FROM t", "read"), ("select 1; DROP TABLE t", "drop"),
            ("/* DELETE */ SELECT 1", "read"),
            ("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "delete"),
            ("WITH x AS (SELECT 1) SELECT * FROM x", "read"),
            ("SELECT 1 -- ; DROP TABLE t", "read"), ("SELECT 1 --; DROP TABLE t", "unknown"),
            ("SELECT 1 # x\n; DROP TABLE t", "unknown"),
            ("SELECT 1 /*! ; DROP TABLE t */", "unknown"), ("SELECT '\\'; DROP TABLE t; --'", "unknown"),
            ("SELECT $$;$$", "unknown"),
            ("SELECT $1, a[1] FROM \"t;\"", "read"), ("INSERT INTO t VALUES (1)", "insert"),
            ("INSERT INTO t VALUES (1) ON CONFLICT DO UPDATE SET a = 1", "update"), ("UPDATE t SET a = 1", "update"),
            ("ALTER TABLE t ADD c int", "schema"), ("ALTER TABLE t DROP COLUMN c", "drop"),
            ("CREATE USER x", "privilege"),
            ("GRANT ALL ON t TO x", "privilege"), ("TRUNCATE t", "drop"), ("CALL p()", "execute"),
            ("SELECT pg_read_file('/etc/passwd')", "execute"),
            ("EXPLAIN DELETE FROM t", "read"), ("EXPLAIN ANALYZE DELETE FROM t", "delete"),
            ("SELECT * INTO x FROM t", "insert"),
            ("BEGIN; SELECT 1; COMMIT", "session"), ("FROBNICATE", "unknown"), ("", "none"), ("SELECT 'a", "unknown"),
            ("(SELECT 1)", "read"),
            ("SELECT a FROM t FOR UPDATE", "read"), ("/* a /* b */ c */ DROP TABLE t", "unknown"),
            ("SET ROLE admin", "privilege"),
            ("SELECT * FROM OPENQUERY(other, 'DELETE FROM t')", "execute"),
            ("SELECT * FROM OPENROWSET('MSDASQL', 'x', 'y')", "execute"),
            ("SELECT * FROM OPENDATASOURCE('x', 'y').a.b.c", "execute"),
            ("SELECT UTL_HTTP.REQUEST('http://x.test') FROM dual", "execute"),
            ("SELECT \"UTL_HTTP\".REQUEST('http://x.test') FROM dual", "execute"),
            ("SELECT dbms_ldap.init('x.test', 80) FROM dual", "execute"),
            ("SELECT SYSTEM$SEND_EMAIL('x')", "execute"), ("SELECT system$typeof(a) FROM t", "read"),
            ("SELECT set_config('role', 'admin', false)", "execute"),
            ("SELECT * FROM EXTERNAL_QUERY('x', 'DELETE FROM t')", "execute"),
            ("SELECT * FROM url('http://x.test', CSV)", "execute"), ("SELECT url FROM pages", "read"),
            ("SELECT url, (1) FROM pages", "read"), ("SELECT * FROM url /* x */ ('http://x.test')", "execute"),
            ("SELECT * FROM s3('https://x.test')", "execute"), ("SELECT s3 FROM t", "read"),
            ("SELECT file FROM t WHERE remote IN ('a')", "read"), ("SELECT * FROM file('x.csv')", "execute"),
            ("SELECT * FROM remote('x.test', t)", "execute"), ("SELECT * FROM remoteSecure('x.test', t)", "execute"),
            ("SELECT http_status FROM requests", "read"), ("SELECT http_get('http://x.test')", "execute"),
            ("SELECT * FROM read_csv('http://x.test')", "execute"), ("SELECT read_count FROM t", "read"),
            ("SELECT \"pg_read_file\"('/etc/passwd')", "execute"), ("SELECT \"url\" FROM t", "read"),
            ("SELECT [xp_cmdshell] ('x')", "execute"), ("SELECT U&\"pg!005fread_file\" UESCAPE '!' ('x')", "unknown"),
            ("SELECT U&'a' || 'b'", "unknown"), ("SELECT count(*), max(\"a\") FROM t", "read"),
        ])
    func sql(statement: String, kind: String) {
        let literal = "'''" + statement.replacing("\\", with: "\\\\") + " '''"
        #expect(Bench.run("sql.kind(\(literal))") == "'\(kind)'")
    }

    @Test(
        "addresses are strict",
        arguments: [
            (
                "isIP('127.0.0.1') && isIP('::1') && !isIP('127.1') && !isIP('01.2.3.4') && !isIP('::ffff:1.2.3.4')",
                "true"
            ),
            (
                "!isIP('fe80::1%eth0') && !isIP('1::2::3') && !isIP(':1') && !isIP('1:2:3:4:5:6:7:8:9') && !isIP('')",
                "true"
            ),
            ("string(ip('2001:DB8:0:0:1:0:0:1'))", "'2001:db8::1:0:0:1'"), ("string(ip('::'))", "'::'"),
            ("ip.isCanonical('2001:DB8::1')", "false"), ("cidr('10.0.0.0/8').containsIP('10.1.2.3')", "true"),
            ("cidr('10.0.0.0/8').containsIP(ip('::1'))", "false"),
            ("cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')", "true"),
            ("isCIDR('10.0.0.0/33') || isCIDR('10.0.0.0/08') || isCIDR('10.0.0.0')", "false"),
            ("cidr('::/0').containsCIDR('2001:db8::/32')", "true"),
            ("ip('169.254.169.254').isLinkLocalUnicast()", "true"),
        ])
    func addresses(source: String, value: String) { #expect(Bench.run(source) == value) }
}
