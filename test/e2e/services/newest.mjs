// What the AWS SDK for JavaScript makes of input that no botocore knows yet: the forms,
// by the name of the case in cases.py, as JSON into the file that is named.
import { writeFileSync } from 'node:fs';
import * as cfn from '@aws-sdk/client-cloudformation';

const ODD = 'st\u00e4ck & <x> "q" 100% a+b/c=d~e';
const stack = { StackName: ODD };
const token = { ...stack, ClientRequestToken: 't-1' };
const inputs = {
	delete_express: new cfn.DeleteStackCommand({
		...token, DeploymentConfig: { Mode: 'EXPRESS', DisableRollback: false },
	}),
	continue_forced: new cfn.ContinueUpdateRollbackCommand({
		...token, ForceRollback: true,
	}),
	change_set_express: new cfn.CreateChangeSetCommand({
		...stack, ChangeSetName: 'set-1', ClientToken: 't-1', ChangeSetType: 'UPDATE',
		TemplateURL: 'https://b.s3.eu-west-1.amazonaws.com/k%20k',
		DeploymentConfig: { Mode: 'EXPRESS', DisableRollback: true },
	}),
};

class Seen extends Error {}
const client = new cfn.CloudFormationClient({
	region: 'eu-west-1', maxAttempts: 1,
	credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
	requestHandler: {
		handle: async (request) => { throw Object.assign(new Seen(), { body: request.body }); },
	},
});
const forms = {};
for (const [name, command] of Object.entries(inputs)) {
	try {
		await client.send(command);
	} catch (e) {
		if (!(e instanceof Seen))
			throw e;
		forms[name] = Object.fromEntries(new URLSearchParams(e.body));
	}
}
writeFileSync(process.argv[2], JSON.stringify(forms));
