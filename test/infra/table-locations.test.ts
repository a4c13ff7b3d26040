import { expect, test } from 'vitest';
import { makeStage, ofType, pick, resourcesOf, spell } from '../helpers/infra.ts';

test('a stage whose databases get another name makes tables in another place, because the earlier ones remain', async () => {
  const placesOf = async (databasePrefix: string) => {
    const { stacks } = await makeStage({ databasePrefix });
    const tables = ofType(resourcesOf(stacks.data), 'AWS::Glue::Table').map(([, { Properties: of }]) => of);
    return tables
      .filter((of) => 'Name' in of)
      .map((of) => spell(pick(of, 'OpenTableFormatInput.IcebergInput.IcebergTableInput.Location')));
  };
  const [before, after] = [await placesOf('callhouse'), await placesOf('clinic')];
  expect(after).toHaveLength(before.length);
  expect(after.filter((place) => before.includes(place))).toEqual([]);
});
